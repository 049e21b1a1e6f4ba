import StreamModel

/// How an installation of what detection needs goes.
public struct VisionInstallState: Hashable, Sendable {
    /// The id of what is being installed, or was last; nil when nothing was asked for.
    public var item: String?
    /// Its name, for people.
    public var name: String?
    public var progress: InstallProgress

    var json: JSONValue {
        .object(progress.members.merging(["item": JSONValue(item), "name": JSONValue(name)]) { $1 })
    }
}

/// Something that detection needs, and whether it is here.
public struct VisionPart: Hashable, Sendable {
    public var id: String
    public var name: String
    /// Nil of what somebody uploaded.
    public var licence: String?
    public var isInstalled: Bool
    /// Whether somebody uploaded it.
    public var isUpload: Bool
    /// Bytes on disk; nil while it is not there.
    public var bytes: Int?
    /// Bytes to download; nil of what can't be downloaded.
    public var downloadBytes: Int?
    /// The width and height of the picture that a model looks at, as far as that is known.
    public var inputSize: Int?
    /// Why it is not used although it is there.
    public var problem: CodedMessage?

    public var json: JSONValue {
        let members: [String: JSONValue] = [
            "id": .string(id), "name": .string(name), "licence": JSONValue(licence), "installed": .bool(isInstalled),
            "uploaded": .bool(isUpload), "bytes": JSONValue(bytes), "download_bytes": JSONValue(downloadBytes),
            "input_size": JSONValue(inputSize),
        ]
        return .object(members.merging(CodedMessage.members("problem", problem)) { $1 })
    }
}

/// What there is for detection (`GET /api/vision`).
public struct VisionState: Hashable, Sendable {
    /// Nil where none exists for this machine.
    public var runtime: VisionPart?
    public var models: [VisionPart]
    public var install: VisionInstallState

    /// Whether pictures can be looked into: the runtime and a model are there.
    public var isReady: Bool {
        runtime.map { $0.isInstalled && $0.problem == nil } == true
            && models.contains { $0.isInstalled && $0.problem == nil }
    }

    /// What is missing, and what to do; nil when nothing is.
    public var problem: CodedMessage? {
        guard let runtime else { return InstallError.unsupportedMachine.visionMessage }
        if isReady { return nil }
        if let problem = runtime.problem { return problem }
        guard runtime.isInstalled else {
            return CodedMessage(
                "vision_no_runtime", "Detection is not installed. Install it on the Settings page, under Detection.")
        }
        return models.lazy.compactMap(\.problem).first
            ?? CodedMessage(
                "vision_no_model",
                "Detection has no model. Install or upload one on the Settings page, under Detection.")
    }

    public var json: JSONValue {
        let members: [String: JSONValue] = [
            "ready": .bool(isReady), "runtime": runtime?.json ?? .null, "models": .array(models.map(\.json)),
            "install": install.json,
        ]
        return .object(members.merging(CodedMessage.members("problem", problem)) { $1 })
    }
}

extension VisionInstaller {
    /// What is here, and what could be. Blocks, when files are to be compared with what was installed.
    func look() -> VisionState {
        let installed = library.installedModels
        let known = catalog.models.map { item in part(item, library.find(item)) }
        let uploads = installed.filter { catalog.model($0.id) == nil }.map { model in
            VisionPart(
                id: model.id, name: model.id, licence: nil, isInstalled: true, isUpload: model.isUpload,
                bytes: model.bytes, problem: problem(of: model))
        }
        return VisionState(
            runtime: catalog.runtime.map { part($0, library.find($0)) }, models: known + uploads, install: current)
    }

    private func part(_ item: VisionItem, _ installed: InstalledVision?) -> VisionPart {
        VisionPart(
            id: item.id, name: item.name, licence: item.licence, isInstalled: installed != nil, isUpload: false,
            bytes: installed?.bytes, downloadBytes: item.size, inputSize: item.inputSize,
            problem: installed.flatMap(problem))
    }

    private func problem(of installed: InstalledVision) -> CodedMessage? {
        library.isIntact(installed) ? nil : InstallError.altered(path: installed.path).visionMessage
    }

    /// What workers can use of it. Blocks in the same way.
    func usable() -> VisionAssets {
        let runtime = catalog.runtime.flatMap { library.find($0) }.flatMap { library.isIntact($0) ? $0.path : nil }
        let models = library.installedModels.filter { library.isIntact($0) }
        return VisionAssets(
            runtime: runtime, models: Dictionary(models.map { ($0.id, $0.path) }, uniquingKeysWith: { $1 }))
    }
}
