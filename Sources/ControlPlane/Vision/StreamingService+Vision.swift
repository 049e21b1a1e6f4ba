import Foundation
import NIOCore
import StreamModel

/// The body of `POST /api/vision/install`.
public struct VisionWish: Hashable, Sendable {
    /// The smallest when it is left out.
    public var model: String

    init(reading reader: ObjectReader) {
        model = reader.optionalString("model") ?? VisionInstaller.defaultModel
        reader.forbidUnknownMembers()
    }

    public static let shape = ObjectShape { _ = VisionWish(reading: $0) }
}

extension StreamingService {
    /// Between two looks at whether another program installed something, which `toposync-streaming vision-install` does.
    private static let visionInterval: Duration = .seconds(15)

    /// What there is for detection, and how its installation goes.
    public func visionState() async throws(ControlPlaneError) -> VisionState {
        await lookAtVision()
        return try await readingVision { $0.look() }
    }

    /// Starts to install a model, and the runtime where it is missing, in the background.
    ///
    /// - Parameter body: `{model}`
    /// - Throws: 422 for a wrong field; 404 for a model that can't be downloaded; 409 while another one is being installed.
    public func installVision(_ body: JSONValue) async throws(ControlPlaneError) -> VisionState {
        let id: String
        do throws(ValidationError) {
            let issues = IssueList()
            id = VisionWish(reading: ObjectReader(body, at: ["body"], issues: issues)).model
            try issues.throwIfAny()
        } catch {
            throw .invalid(error)
        }
        switch vision.start(id) {
        case .started, .goesOn: return try await visionState()
        case .unknownModel:
            throw .notFound(
                CodedMessage(
                    "vision_unknown_model", "There is no model '\(id)' to download.", ["model": .string(id)]))
        case .unsupportedMachine: throw .conflict(InstallError.unsupportedMachine.visionMessage)
        case .busy(let name):
            throw .conflict(
                CodedMessage(
                    "vision_installing", "\(name) is being installed. Wait until it is done, or cancel it.",
                    ["name": .string(name)]))
        }
    }

    /// Ends an installation. What came until now is kept for the next one.
    public func cancelVision() async throws(ControlPlaneError) -> VisionState {
        await vision.cancel()
        return try await visionState()
    }

    /// Takes a model of somebody's own.
    ///
    /// - Parameters:
    ///   - length: of the body, when it was told.
    ///   - body: an ONNX file.
    /// - Throws: 400 for a wrong id and for what is no model; 409 for an id that is taken; 413 for what is too large.
    public func uploadVisionModel<Body: AsyncSequence & Sendable>(
        id: String, length: Int?, _ body: Body
    ) async throws(ControlPlaneError) -> VisionState where Body.Element == ByteBuffer {
        guard VisionLibrary.isID(id) else {
            throw .badRequest(
                CodedMessage(
                    "vision_model_id",
                    "Name a model with lower-case letters, digits, - and _, at most \(VisionLibrary.idLimit) of them.",
                    ["limit": .integer(VisionLibrary.idLimit)]))
        }
        guard vision.catalog.model(id) == nil, vision.library.model(id) == nil else {
            throw .conflict(
                CodedMessage(
                    "vision_model_taken", "There is a model '\(id)' already. Choose another name, or delete it first.",
                    ["model": .string(id)]))
        }
        guard vision.library.installedModels.count(where: \.isUpload) < VisionLibrary.uploadLimit else {
            throw .conflict(
                CodedMessage(
                    "vision_models_full",
                    "There are \(VisionLibrary.uploadLimit) models of your own already. Delete one first.",
                    ["limit": .integer(VisionLibrary.uploadLimit)]))
        }
        if let length, length > ModelUpload.limit { throw ModelUpload.tooLarge }
        guard !isTakingModel else {
            throw .conflict(
                CodedMessage("vision_uploading", "Another model is being uploaded. Wait until it is there."))
        }
        isTakingModel = true
        defer { isTakingModel = false }
        try await ModelUpload(library: vision.library, id: id).receive(body, atUnix: Date().timeIntervalSince1970)
        return try await visionState()
    }

    /// - Throws: 409 naming the pipelines that look with it.
    public func deleteVisionModel(id: String) async throws(ControlPlaneError) {
        guard let model = vision.library.model(id) else {
            throw .notFound(
                CodedMessage("vision_no_such_model", "No model '\(id)' is installed.", ["model": .string(id)]))
        }
        // Pipelines that take whatever is installed have none left without the last one.
        var ids: Set = [id]
        if vision.library.installedModels.count == 1 { ids.formUnion(["", VisionDetectConfig.referenceModel]) }
        let users = store.current.pipelines.filter { !$0.graph.modelIDs.isDisjoint(with: ids) }
            .map { "'\($0.name)'" }
        guard users.isEmpty else {
            let names = users.joined(separator: ", ")
            throw .conflict(
                CodedMessage(
                    "vision_model_in_use",
                    "The model '\(id)' is used by \(names). Choose another there or install one first.",
                    ["model": .string(id), "pipelines": .string(names)]))
        }
        try await changingVision { (vision) throws(InstallError) in try vision.library.remove(model) }
        await lookAtVision()
    }

    // MARK: What workers get

    /// Lets workers have what is there now.
    func lookAtVision() async {
        guard let assets = try? await readingVision({ $0.usable() }), vision.take(assets) else { return }
        await workers.update()
    }

    /// Looks when something was installed, and now and then.
    func followVision() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [visionChanges] in
                for await _ in visionChanges { await self.lookAtVision() }
            }
            while (try? await Task.sleep(for: Self.visionInterval)) != nil { await lookAtVision() }
            group.cancelAll()
        }
    }

    /// Off the actor, for files may have to be read.
    func readingVision<Result: Sendable>(
        _ body: @escaping @Sendable (VisionInstaller) -> Result
    ) async throws(ControlPlaneError) -> Result {
        try await changingVision { (vision) throws(InstallError) in body(vision) }
    }

    func changingVision<Result: Sendable>(
        _ body: @escaping @Sendable (VisionInstaller) throws(InstallError) -> Result
    ) async throws(ControlPlaneError) -> Result {
        do throws(InstallError) {
            return try await BlockingWork.installing { [vision] () throws(InstallError) in try body(vision) }
        } catch {
            throw .storeFailed(error.visionMessage)
        }
    }
}
