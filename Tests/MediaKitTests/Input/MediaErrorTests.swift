import Testing

@testable import MediaKit

@Suite struct MediaErrorTests {
    @Test func mediaErrorsTellWhatToDoWithoutSecrets() throws {
        for kind in MediaError.Kind.allCases {
            let error = MediaError(
                kind: kind, operation: "open input", subject: "rtsp://••••@cam/", reason: "why", code: -5)
            #expect(error.userMessage.hasSuffix("."))
            #expect(error.userMessage.contains("rtsp://••••@cam/"))
            #expect(error.description == "open input rtsp://••••@cam/: why (-5)")
        }
    }
}
