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
        case failed(String)
    }

    /// Who wants its pictures.
    enum Demand: Sendable, Hashable {
        case nobody
        /// Nobody since a moment ago.
        case leaving
        /// Somebody who announced it by a prime or a lease.
        case announced
        case watched
    }

    struct CameraFacts: Sendable, Hashable {
        var name: String
        /// Nil when the worker has not said anything about it.
        var state: CameraState?
        var message: String?
    }

    var isTransmissionEnabled = true
    /// The server that serves it, when that is another one.
    var foreignHost: String?
    var engine = Engine.running
    /// Whether the engine speaks the output's protocol.
    var isPlayable = true
    /// The port that viewers use and the one that was asked for, when they differ.
    var movedPort: (asked: Int, used: Int)?
    /// The names of pipelines that would feed it, were they switched on. Only of interest when there are no cameras.
    var switchedOffPipelines: [String] = []
    /// Those that pipelines bring here; empty when no pipeline does.
    var cameras: [CameraFacts] = []
    /// Why its worker ended, and whether it waits before it is started again because it ended several times in a row.
    var workerError: String?
    var workerIsPausing = false
    /// Nil and `cold` while it does not run.
    var rendition: RenditionStatus?
    var demand = Demand.nobody
    var viewerCount = 0
}

/// How an output is: one word, and one sentence that says what is going on and what to do.
struct OutputCondition: Hashable, Sendable {
    var state: OutputState
    var sentence: String

    init(_ state: OutputState, _ sentence: String) {
        self.state = state
        self.sentence = sentence
    }

    /// What is in the way comes first, in the order in which one would put it right.
    init(_ facts: OutputFacts) {
        self = Self.ofConfiguration(facts) ?? Self.ofEngine(facts) ?? Self.ofSource(facts) ?? Self.ofRendition(facts)
        sentence = sentence.redactingCredentials
    }

    private static func ofConfiguration(_ facts: OutputFacts) -> Self? {
        if let host = facts.foreignHost {
            return Self(.working, "The server '\(host)' serves this transmission; look there.")
        }
        if !facts.isTransmissionEnabled {
            return Self(.actionRequired, "This transmission is switched off. Switch it on to watch it.")
        }
        return nil
    }

    private static func ofEngine(_ facts: OutputFacts) -> Self? {
        switch facts.engine {
        case .running: facts.isPlayable ? nil : Self(.actionRequired, OutputAddresses.noWebRTC)
        case .switchedOff: Self(.actionRequired, "The engine is stopped. Start it in the settings.")
        case .starting: Self(.warming, "The engine starts.")
        case .restarting: Self(.warming, "The engine is being stopped and started again.")
        case .downloading: Self(.warming, "MediaMTX is being downloaded, and started after that.")
        case .failed(let reason): Self(.actionRequired, "The engine does not run. \(reason)")
        }
    }

    private static func ofSource(_ facts: OutputFacts) -> Self? {
        guard facts.cameras.isEmpty else { return nil }
        if let name = facts.switchedOffPipelines.first {
            return Self(
                .actionRequired,
                "The pipeline '\(name)', which brings a camera here, is switched off. Switch it on in the settings.")
        }
        return Self(
            .actionRequired, "No pipeline that is switched on shows a camera here. Add one in the settings.")
    }

    private static func ofRendition(_ facts: OutputFacts) -> Self {
        if let error = facts.workerError {
            return facts.workerIsPausing
                ? Self(.actionRequired, "\(error) That happened several times in a row; the diagnostics have its log.")
                : Self(.warming, error)
        }
        guard let rendition = facts.rendition else { return notRunning(facts) }
        switch rendition.state {
        case .cold: return notRunning(facts)
        case .starting:
            return lostCamera(facts)
                ?? Self(.warming, rendition.message ?? "The camera and the encoder are being started.")
        case .reconnecting:
            return Self(.warming, rendition.message ?? "The engine is away for a moment.")
        case .failed:
            return Self(.actionRequired, rendition.message ?? "The picture can't be encoded.")
        case .placeholder:
            return lostCamera(facts) ?? waitingForCamera(facts)
        case .live:
            return Self(
                .working,
                rendition.message ?? lostCamera(facts)?.sentence ?? slowCamera(facts) ?? watching(facts))
        }
    }

    private static func notRunning(_ facts: OutputFacts) -> Self {
        switch facts.demand {
        case .announced, .watched: Self(.warming, "It is being started.")
        case .nobody, .leaving: Self(.working, withPort("Nobody watches; it starts with the first viewer", facts))
        }
    }

    private static func lostCamera(_ facts: OutputFacts) -> Self? {
        guard let camera = facts.cameras.first(where: { $0.state != .live && $0.message != nil }) else { return nil }
        return Self(.actionRequired, "Camera '\(camera.name)': \(camera.message ?? "")")
    }

    /// What is wrong with a camera although there are pictures: some are left out.
    private static func slowCamera(_ facts: OutputFacts) -> String? {
        facts.cameras.first { $0.state == .live && $0.message != nil }?.message
    }

    private static func waitingForCamera(_ facts: OutputFacts) -> Self {
        guard let camera = facts.cameras.first(where: { $0.state != .live }) ?? facts.cameras.first else {
            return Self(.warming, "Waiting for the camera.")
        }
        return Self(
            .warming,
            camera.state == .live
                ? "Camera '\(camera.name)' answers, but there is no picture yet: it begins with the camera's next keyframe."
                : "Waiting for camera '\(camera.name)' to answer.")
    }

    private static func watching(_ facts: OutputFacts) -> String {
        let sentence =
            switch (facts.viewerCount, facts.demand) {
            case (1, _): "1 viewer watches"
            case (2..., _): "\(facts.viewerCount) viewers watch"
            case (_, .leaving), (_, .nobody): "Nobody watches any more; it stops in a moment"
            case (_, .announced): "It runs for a player that has announced itself"
            case (_, .watched): "It runs for viewers of another output, or one that is about to watch"
            }
        return withPort(sentence, facts)
    }

    private static func withPort(_ sentence: String, _ facts: OutputFacts) -> String {
        guard let port = facts.movedPort else { return sentence + "." }
        return "\(sentence); port \(port.asked) was taken, so its address has port \(port.used)."
    }
}
