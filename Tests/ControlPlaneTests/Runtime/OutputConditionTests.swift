import StreamModel
import Testing

@testable import ControlPlane

/// Every state that a user can meet, with what is said about it.
@Suite struct OutputConditionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var state: OutputState
        /// What the sentence says, or a part of it.
        var words: String
        var facts: @Sendable () -> OutputFacts

        init(
            _ name: String, _ state: OutputState, _ words: String,
            _ change: @escaping @Sendable (inout OutputFacts) -> Void
        ) {
            testDescription = name
            self.state = state
            self.words = words
            facts = {
                var facts = OutputFacts()
                facts.cameras = [.init(name: "Gate", state: .live, message: nil)]
                change(&facts)
                return facts
            }
        }
    }

    static func rendition(_ state: RenditionState, _ message: String? = nil) -> RenditionStatus {
        var status = RenditionStatus(id: "r", state: state)
        status.message = message
        return status
    }

    static let rows = [
        Row("switched off", .actionRequired, "This transmission is switched off. Switch it on to watch it.") {
            $0.isTransmissionEnabled = false
            $0.engine = .switchedOff
        },
        Row("served elsewhere", .working, "The server 'barn' serves this transmission") { $0.foreignHost = "barn" },
        Row("engine stopped", .actionRequired, "The engine is stopped. Start it in the settings.") {
            $0.engine = .switchedOff
        },
        Row("engine starts", .warming, "The engine starts.") { $0.engine = .starting },
        Row("engine restarts", .warming, "stopped and started again") { $0.engine = .restarting },
        Row("engine is installed", .warming, "MediaMTX is being downloaded") { $0.engine = .downloading },
        Row("engine failed", .actionRequired, "The engine does not run. No free TCP port") {
            $0.engine = .failed(PortError.none(near: 8554, of: "TCP").message)
        },
        Row("engine waits", .actionRequired, "The engine does not run. No free pair of UDP ports") {
            $0.engine = .retrying(PortError.noPair.message)
        },
        Row("engine ended", .actionRequired, "The engine ended. It is started again by itself.") {
            $0.engine = .retrying(nil)
        },
        Row("no pipeline", .actionRequired, "No pipeline that is switched on shows a camera here.") { $0.cameras = [] },
        Row("pipeline switched off", .actionRequired, "The pipeline 'Gate to wall'") {
            $0.cameras = []
            $0.switchedOffPipelines = ["Gate to wall"]
        },
        Row("worker crashed", .warming, "The worker stopped: signal 11. It is started again.") {
            $0.workerError = .freeText("The worker stopped: signal 11. It is started again.")
        },
        Row("worker crashes on and on", .actionRequired, "several times in a row") {
            $0.workerError = .freeText("The worker stopped: signal 11. It is started again.")
            $0.workerIsPausing = true
        },
        Row("nobody watches", .working, "Nobody watches; it starts with the first viewer.") { $0.rendition = nil },
        Row("nobody watches, port moved", .working, "; port 8554 was taken, so its address has port 8555.") {
            $0.movedPort = (8554, 8555)
        },
        Row("drained", .working, "Nobody watches; it starts with the first viewer.") {
            $0.rendition = rendition(.cold)
            $0.demand = .leaving
        },
        Row("the first viewer has come", .warming, "It is being started.") { $0.demand = .watched },
        Row("primed", .warming, "It is being started.") { $0.demand = .announced },
        Row("starting", .warming, "The camera and the encoder are being started.") {
            $0.rendition = rendition(.starting)
            $0.cameras[0].state = .connecting
        },
        Row("camera unreachable", .actionRequired, "Camera 'Gate': rtsp://10.0.0.9/1 could not be reached") {
            $0.rendition = rendition(.placeholder)
            $0.cameras = [
                .init(
                    name: "Gate", state: .lost,
                    message: .freeText("rtsp://10.0.0.9/1 could not be reached; check the host name."))
            ]
        },
        Row("wrong password", .actionRequired, "Camera 'Gate': rtsp://10.0.0.9/1 refused the user name or password") {
            $0.rendition = rendition(.starting)
            $0.cameras = [
                .init(
                    name: "Gate", state: .lost,
                    message: .freeText("rtsp://10.0.0.9/1 refused the user name or password; enter the camera's."))
            ]
        },
        Row("waiting for the camera", .warming, "Waiting for camera 'Gate' to answer.") {
            $0.rendition = rendition(.placeholder)
            $0.cameras[0].state = .connecting
        },
        Row("no keyframe yet", .warming, "it begins with the camera's next keyframe") {
            $0.rendition = rendition(.placeholder)
        },
        Row("nothing moves", .working, "Nothing moves; the picture comes as soon as something does.") {
            $0.rendition = rendition(.placeholder)
            $0.rendition?.rest = .nothingMoves
        },
        Row("nothing detected", .working, "Nothing is detected; the picture comes as soon as something is.") {
            $0.rendition = rendition(.placeholder)
            $0.rendition?.rest = .nothingDetected
        },
        Row("detection not installed", .actionRequired, "Nothing can be detected; the settings say") {
            $0.rendition = rendition(.placeholder)
            $0.rendition?.rest = .cannotDetect
        },
        Row("encoder failed", .actionRequired, "This output cannot be encoded: no memory.") {
            $0.rendition = rendition(.failed, "This output cannot be encoded: no memory.")
        },
        Row("engine away", .warming, "The engine is away for a moment.") { $0.rendition = rendition(.reconnecting) },
        Row("one viewer", .working, "1 viewer watches.") {
            $0.rendition = rendition(.live)
            $0.demand = .watched
            $0.viewerCount = 1
        },
        Row("viewers, port moved", .working, "3 viewers watch; port 8888 was taken") {
            $0.rendition = rendition(.live)
            $0.demand = .watched
            $0.viewerCount = 3
            $0.movedPort = (8888, 8889)
        },
        Row("the last viewer has left", .working, "Nobody watches any more; it stops in a moment.") {
            $0.rendition = rendition(.live)
            $0.demand = .leaving
        },
        Row("leased", .working, "a player that has announced itself") {
            $0.rendition = rendition(.live)
            $0.demand = .announced
        },
        Row("another protocol's viewers", .working, "viewers of another output") {
            $0.rendition = rendition(.live)
            $0.demand = .watched
        },
        Row("one of two cameras is away", .working, "Camera 'Yard': gone.") {
            $0.rendition = rendition(.live)
            $0.demand = .watched
            $0.viewerCount = 1
            $0.cameras.append(.init(name: "Yard", state: .lost, message: .freeText("gone.")))
        },
        Row("pictures are left out before they are decoded", .working, "This computer can't keep up.") {
            $0.rendition = rendition(.live)
            $0.demand = .watched
            $0.cameras[0].message = .freeText("This computer can't keep up.")
        },
        Row("pictures are left out before they are encoded", .working, "This computer can't keep up.") {
            $0.rendition = rendition(.live, "This computer can't keep up.")
            $0.demand = .watched
        },
    ]

    @Test(arguments: rows)
    func everyStateHasAWordAndASentence(_ row: Row) {
        let condition = OutputCondition(row.facts())
        #expect(condition.state == row.state)
        #expect(condition.sentence.contains(row.words), "\(condition.sentence)")
        #expect(condition.sentence.hasSuffix("."), "\(condition.sentence)")
    }

    @Test func noSentenceShowsAPassword() {
        var facts = OutputFacts()
        facts.engine = .failed(.freeText("It read rtsp://admin:hunter2@10.0.0.9/1."))
        #expect(!OutputCondition(facts).sentence.contains("hunter2"))
    }

    private static func condition(_ change: (inout OutputFacts) -> Void) -> OutputCondition {
        var facts = OutputFacts()
        facts.cameras = [.init(name: "Gate", state: .live, message: nil)]
        change(&facts)
        return OutputCondition(facts)
    }

    @Test func whatACameraSaysKeepsItsCodeWithinTheSentence() {
        let code = MessageCode("camera_unreachable", ["target": "rtsp://u:hunter2@10.0.0.9/1"])
        let condition = Self.condition {
            $0.cameras = [.init(name: "Gate", state: .lost, message: CodedMessage(code, "It could not be reached."))]
            $0.rendition = Self.rendition(.placeholder)
        }
        #expect(condition.message.code == "camera_lost")
        let reason = condition.message.parameters["reason"]
        #expect(reason?["code"] == "camera_unreachable" && reason?["text"] == "It could not be reached.")
        #expect(reason?["parameters"]?["target"]?.stringValue?.contains("hunter2") == false)
        #expect(reason?["parameters"]?["target"]?.stringValue?.contains("10.0.0.9") == true)
    }

    @Test func whatAWorkerSaysOfItselfKeepsItsCode() {
        let slow = Self.condition {
            var rendition = Self.rendition(.live, "This computer can't keep up.")
            rendition.messageCode = MessageCode("computer_too_slow")
            $0.rendition = rendition
        }
        #expect(slow.message.code == "computer_too_slow" && slow.sentence == "This computer can't keep up.")
        let unknown = Self.condition { $0.rendition = Self.rendition(.live, "Something else.") }
        #expect(unknown.message.code == CodedMessage.freeText)
    }
}
