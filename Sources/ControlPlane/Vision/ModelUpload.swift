import Foundation
import NIOCore
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A model of somebody's own, written to the disk as it comes and put into place when it is whole.
struct ModelUpload: Sendable {
    let library: VisionLibrary
    let id: String

    /// Bytes of a model at most.
    static let limit = 200 << 20
    private static let writeSize = 256 << 10

    /// - Parameter body: the file.
    /// - Throws: ``ControlPlaneError``; nothing of it is kept then.
    func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, atUnix now: Double
    ) async throws(ControlPlaneError) where Body.Element == ByteBuffer {
        let staging = library.newUpload()
        defer { try? FileManager.default.removeItem(atPath: staging) }
        let path = "\(staging)/\(InstalledVision.modelFile)"
        do {
            try await BlockingWork.installing { () throws(InstallError) in try InstallFolder.make(staging) }
            try await write(body, to: path)
            guard try await BlockingWork.run({ try Self.isModel(path) }) else { throw Self.noModel }
            try await BlockingWork.installing { [library, id] () throws(InstallError) in
                try library.install(uploaded: staging, id: id, atUnix: now)
            }
        } catch {
            throw Self.refusal(error, path)
        }
    }

    private func write<Body: AsyncSequence & Sendable>(
        _ body: Body, to path: String
    ) async throws where Body.Element == ByteBuffer {
        var file = try PartialFile(path)
        var pending: [UInt8] = []
        for try await piece in body {
            pending += piece.readableBytesView
            guard file.size + pending.count <= Self.limit else { throw Self.tooLarge }
            if pending.count >= Self.writeSize {
                try await file.append(pending)
                pending = []
            }
        }
        if !pending.isEmpty { try await file.append(pending) }
    }

    private static func isModel(_ path: String) throws -> Bool {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        return try file.closeAfter { try ONNXFile.isModel(file) }
    }

    private static func refusal(_ error: any Error, _ path: String) -> ControlPlaneError {
        switch error {
        case let error as ControlPlaneError: error
        case let error as InstallError: .storeFailed(error.visionMessage)
        case let error as Errno: .storeFailed(InstallError.disk(path: path, reason: "\(error)").visionMessage)
        default:
            // Its client has left in the middle.
            .badRequest(CodedMessage("vision_upload_broken_off", "The upload broke off. Start it again."))
        }
    }

    static let tooLarge = ControlPlaneError.tooLarge(
        CodedMessage(
            "vision_model_too_large", "The model is larger than \(limit >> 20) MB. Detection takes smaller ones.",
            ["limit": .integer(limit >> 20)]))

    private static let noModel = ControlPlaneError.badRequest(
        CodedMessage(
            "vision_not_onnx", "This is no ONNX model. Export the model in the ONNX format and upload the .onnx file."))
}
