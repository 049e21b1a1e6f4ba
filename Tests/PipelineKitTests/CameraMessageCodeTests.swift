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
}
