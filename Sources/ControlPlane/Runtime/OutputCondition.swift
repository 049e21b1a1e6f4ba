import StreamModel

/// How an output is, in one word that a tile can show.
public enum OutputState: String, CaseIterable, Hashable, Sendable {
    /// Whoever watches sees the camera, or would.
    case working
    /// It gets there by itself.
    case warming
    /// Somebody has to do something before anybody can watch; the sentence says what.
    case actionRequired = "action_required"
}

/// Everything that decides how an output is.
struct OutputFacts: Sendable {
    enum Engine: Sendable, Hashable {
        case switchedOff
        case starting, restarting, downloading, running
        /// It does not run although it is to; with the reason.
        case failed(CodedMessage)
        /// The same, and it is started again by itself.
        case retrying(CodedMessage?)
    }

    /// Who wants its pictures.
    enum Demand: Sendable, Hashable {
        case nobody
        /// Nobody since a moment ago.
        case leaving
        /// Somebody who announced it by a prime or a lease.
        case announced
        case watched
        /// Nobody, but it is sent to a destination.
        case pushed
    }

    struct CameraFacts: Sendable, Hashable {
        var name: String
        /// Nil when the worker has not said anything about it.
        var state: CameraState?
        var message: CodedMessage?
    }

    var isTransmissionEnabled = true
    /// The server that serves it, when that is another one.
    var foreignHost: String?
    var engine = Engine.running
    /// The port that viewers use and the one that was asked for, when they differ.
    var movedPort: (asked: Int, used: Int)?
    /// The names of pipelines that would feed it, were they switched on. Only of interest when there are no cameras.
    var switchedOffPipelines: [String] = []
    /// Those that pipelines bring here; empty when no pipeline does.
    var cameras: [CameraFacts] = []
    /// Why its worker ended, and whether it waits before it is started again because it ended several times in a row.
    var workerError: CodedMessage?
    var workerIsPausing = false
    /// Nil and `cold` while it does not run.
    var rendition: RenditionStatus?
    var demand = Demand.nobody
    var viewerCount = 0
}

/// How an output is: one word, and one sentence that says what is going on and what to do.
struct OutputCondition: Hashable, Sendable {
    var state: OutputState
    var message: CodedMessage

    var sentence: String { message.text }

    private init(_ state: OutputState, _ code: String, _ text: String, _ parameters: [String: JSONValue] = [:]) {
        self.state = state
        message = CodedMessage(code, text, parameters)
    }

    private init(_ state: OutputState, _ message: CodedMessage) {
        self.state = state
        self.message = message
    }

    /// What is in the way comes first, in the order in which one would put it right.
    init(_ facts: OutputFacts) {
        self = Self.ofConfiguration(facts) ?? Self.ofEngine(facts) ?? Self.ofSource(facts) ?? Self.ofRendition(facts)
        message = message.redacted
    }

    private static func ofConfiguration(_ facts: OutputFacts) -> Self? {
        if let host = facts.foreignHost {
            return Self(
                .working, "foreign_host", "The server '\(host)' serves this transmission; look there.",
                ["host": .string(host)])
        }
        if !facts.isTransmissionEnabled {
            return Self(
                .actionRequired, "transmission_off", "This transmission is switched off. Switch it on to watch it.")
        }
        return nil
    }

    private static func ofEngine(_ facts: OutputFacts) -> Self? {
        switch facts.engine {
        case .running: nil
        case .switchedOff: Self(.actionRequired, "engine_off", "The engine is stopped. Start it in the settings.")
        case .starting: Self(.warming, "engine_starts", "The engine starts.")
        case .restarting: Self(.warming, "engine_restarts", "The engine is being stopped and started again.")
        case .downloading:
            Self(.warming, "engine_downloads", "MediaMTX is being downloaded, and started after that.")
        case .failed(let reason):
            Self(
                .actionRequired, "engine_fails", "The engine does not run. \(reason.text)", ["reason": reason.json])
        case .retrying(let reason?):
            Self(
                .actionRequired, "engine_fails_for_now",
                "The engine does not run. \(reason.text) It is started again by itself.", ["reason": reason.json])
        case .retrying(nil):
            Self(.actionRequired, "engine_ended", "The engine ended. It is started again by itself.")
        }
    }

    private static func ofSource(_ facts: OutputFacts) -> Self? {
        guard facts.cameras.isEmpty else { return nil }
        if let name = facts.switchedOffPipelines.first {
            return Self(
                .actionRequired, "pipeline_off",
                "The pipeline '\(name)', which brings a camera here, is switched off. Switch it on in the settings.",
                ["pipeline": .string(name)])
        }
        return Self(
            .actionRequired, "no_pipeline",
            "No pipeline that is switched on shows a camera here. Add one in the settings.")
    }

    private static func ofRendition(_ facts: OutputFacts) -> Self {
        if let error = facts.workerError {
            return facts.workerIsPausing
                ? Self(
                    .actionRequired, "worker_fails",
                    "\(error.text) That happened several times in a row; the diagnostics have its log.",
                    ["reason": error.json])
                : Self(.warming, error)
        }
        guard let rendition = facts.rendition else { return notRunning(facts) }
        switch rendition.state {
        case .cold: return notRunning(facts)
        case .starting:
            return lostCamera(facts)
                ?? said(by: rendition, .warming)
                ?? Self(.warming, "starting", "The camera and the encoder are being started.")
        case .reconnecting:
            return said(by: rendition, .warming)
                ?? Self(.warming, "engine_away", "The engine is away for a moment.")
        case .failed:
            return said(by: rendition, .actionRequired)
                ?? Self(.actionRequired, "encoder_fails", "The picture can't be encoded.")
        case .placeholder:
            return lostCamera(facts)
                ?? rendition.rest.map(resting) ?? waitingForCamera(facts)
        case .live:
            var condition =
                said(by: rendition, .working) ?? lostCamera(facts) ?? impairedCamera(facts) ?? watching(facts)
            condition.state = .working
            return condition
        }
    }

    /// A pipeline keeps the pictures back.
    private static func resting(_ reason: RestReason) -> Self {
        switch reason {
        case .nothingMoves:
            Self(.working, "nothing_moves", "Nothing moves; the picture comes as soon as something does.")
        case .nothingDetected:
            Self(.working, "nothing_detected", "Nothing is detected; the picture comes as soon as something is.")
        case .cannotDetect:
            Self(
                .actionRequired, "cannot_detect",
                "Nothing can be detected; the settings say under Detection what is missing.")
        }
    }

    /// What the worker says itself.
    private static func said(by rendition: RenditionStatus, _ state: OutputState) -> Self? {
        rendition.coded.map { Self(state, $0) }
    }

    private static func notRunning(_ facts: OutputFacts) -> Self {
        switch facts.demand {
        case .announced, .watched, .pushed: Self(.warming, "being_started", "It is being started.")
        case .nobody, .leaving:
            withPort(.working, "idle", "Nobody watches; it starts with the first viewer", facts)
        }
    }

    private static func lostCamera(_ facts: OutputFacts) -> Self? {
        for camera in facts.cameras where camera.state != .live {
            guard let reason = camera.message else { continue }
            return Self(
                .actionRequired, "camera_lost", "Camera '\(camera.name)': \(reason.text)",
                ["camera": .string(camera.name), "reason": reason.json])
        }
        return nil
    }

    /// What is wrong with a camera although there are pictures: some are left out, or its microphone gives no sound.
    private static func impairedCamera(_ facts: OutputFacts) -> Self? {
        facts.cameras.first { $0.state == .live && $0.message != nil }?.message
            .map { Self(.working, $0) }
    }

    private static func waitingForCamera(_ facts: OutputFacts) -> Self {
        guard let camera = facts.cameras.first(where: { $0.state != .live }) ?? facts.cameras.first else {
            return Self(.warming, "waiting", "Waiting for the camera.")
        }
        let parameters: [String: JSONValue] = ["camera": .string(camera.name)]
        return camera.state == .live
            ? Self(
                .warming, "waiting_for_keyframe",
                "Camera '\(camera.name)' answers, but there is no picture yet: it begins with the camera's next keyframe.",
                parameters)
            : Self(.warming, "waiting_for_camera", "Waiting for camera '\(camera.name)' to answer.", parameters)
    }

    private static func watching(_ facts: OutputFacts) -> Self {
        let (code, sentence) =
            switch (facts.viewerCount, facts.demand) {
            case (1, _): ("watched", "1 viewer watches")
            case (2..., _): ("watched", "\(facts.viewerCount) viewers watch")
            case (_, .leaving), (_, .nobody): ("leaving", "Nobody watches any more; it stops in a moment")
            case (_, .announced): ("announced", "It runs for a player that has announced itself")
            case (_, .pushed): ("pushed", "Nobody watches; it runs because it is sent to a destination")
            case (_, .watched):
                ("watched_elsewhere", "It runs for viewers of another output, or one that is about to watch")
            }
        return withPort(
            .working, code, sentence, facts, code == "watched" ? ["count": .integer(facts.viewerCount)] : [:])
    }

    private static func withPort(
        _ state: OutputState, _ code: String, _ sentence: String, _ facts: OutputFacts,
        _ parameters: [String: JSONValue] = [:]
    ) -> Self {
        guard let port = facts.movedPort else { return Self(state, code, sentence + ".", parameters) }
        let ports: [String: JSONValue] = ["asked_port": .integer(port.asked), "used_port": .integer(port.used)]
        return Self(
            state, code, "\(sentence); port \(port.asked) was taken, so its address has port \(port.used).",
            parameters.merging(ports) { $1 })
    }
}
