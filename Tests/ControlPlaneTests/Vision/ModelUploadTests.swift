import Foundation
import NIOCore
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct ModelUploadTests {
    private let folder = TemporaryFolder()

    private func upload(_ bytes: [UInt8], as id: String = "mine", into library: VisionLibrary) async throws {
        let body = AsyncStream<ByteBuffer> { continuation in
            for piece in stride(from: 0, to: bytes.count, by: 3) {
                continuation.yield(ByteBuffer(bytes: bytes[piece..<min(piece + 3, bytes.count)]))
            }
            continuation.finish()
        }
        try await ModelUpload(library: library, id: id).receive(body, atUnix: 1000)
    }

    @Test func aModelIsTaken() async throws {
        let library = VisionLibrary(dataDirectory: folder.path)
        try await upload(VisionRig.network, into: library)
        let model = try #require(library.model("mine"))
        #expect(model.isUpload && model.bytes == VisionRig.network.count && library.isIntact(model))
        #expect(library.installedModels.map(\.id) == ["mine"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: library.folder) == ["models"])
        // Nothing that is there is replaced.
        await #expect(throws: ControlPlaneError.self) { try await upload(VisionRig.network, into: library) }
        try library.remove(model)
        #expect(library.model("mine") == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: library.folder) == ["models"])
    }

    @Test(
        arguments: [
            [], Array("<html>".utf8), Array("PK\u{3}\u{4}".utf8),
            // Without a network; without a version; a network that is a number; more than there is; a field number of zero.
            [0x08, 0x08], [0x3a, 0x02, 0x12, 0x00], [0x08, 0x08, 0x38, 0x02], [0x08, 0x08, 0x3a, 0x03, 0x12, 0x00],
            [0x00, 0x00],
            // A number that does not end.
            Array(repeating: 0xff, count: 64), [0x08] + Array(repeating: 0x80, count: 30),
            // A length below nothing.
            [0x08, 0x08, 0x3a] + Array(repeating: 0xff, count: 9) + [0x01],
        ] as [[UInt8]])
    func whatIsNoModelIsRefused(_ bytes: [UInt8]) async throws {
        let library = VisionLibrary(dataDirectory: folder.path)
        let refusal = await #expect(throws: ControlPlaneError.self) { try await upload(bytes, into: library) }
        guard case .badRequest(let message) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(message.code == "vision_not_onnx")
        #expect(try FileManager.default.contentsOfDirectory(atPath: library.folder).isEmpty)
    }

    @Test func idsAreSlugs() {
        for id in ["mine", "yolox-s_2", String(repeating: "a", count: 64)] { #expect(VisionLibrary.isID(id)) }
        for id in ["", "Mine", "../x", "a/b", "a b", "é", "-a", String(repeating: "a", count: 65)] {
            #expect(!VisionLibrary.isID(id))
        }
    }
}
