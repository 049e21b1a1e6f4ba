import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct CameraMessageCodeTests {
    @Test(arguments: MediaError.Kind.allCases)
    func eachSentenceHasACodeOfItsOwn(_ kind: MediaError.Kind) {
        let error = MediaError(kind: kind, operation: "open", subject: "rtsp://10.0.0.9/1", reason: "because")
        let (now, away) = (error.messageCode(isAway: false), error.messageCode(isAway: true))
        #expect((now.code == away.code) == (error.userMessage == error.userMessageOfAwayCamera))
        #expect(now.parameters["target"] == "rtsp://10.0.0.9/1")
        let namesReason = error.userMessage.contains("because")
        #expect((now.parameters["reason"] == "because") == namesReason)
        let codes = MediaError.Kind.allCases.map {
            MediaError(kind: $0, operation: "", reason: "").messageCode(isAway: false).code
        }
        #expect(codes.count { $0 == now.code } == 1)
    }

    @Test func aCameraOfHomeAssistantIsToBeLookedAtThere() {
        let error = MediaError(kind: .invalidData, operation: "open", subject: "homeassistant:camera.door", reason: "x")
        for isAway in [true, false] {
            #expect(
                error.messageCode(isAway: isAway) == MessageCode("home_assistant_no_picture", ["entity": "camera.door"])
            )
        }
        #expect(error.userMessage == error.userMessageOfAwayCamera && error.userMessage.contains("Home Assistant"))
    }

    @Test func whereThereIsNoHomeAssistantItsCamerasSayWhatToDo() throws {
        let camera = try Camera(json: ["name": "x", "url": "homeassistant:camera.door"])
        let result = CameraTest(camera, from: PacketSources(mediaRoots: MediaRoots([])), interrupt: .init()).run()
        #expect(!result.ok && result.message.contains("no add-on of Home Assistant"))
    }
}
