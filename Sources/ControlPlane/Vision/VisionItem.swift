/// Something that detection needs and that can be downloaded.
struct VisionItem: Hashable, Sendable {
    /// The runtime, or a model by which pipelines name it.
    var id: String
    /// For people.
    var name: String
    /// As SPDX writes it.
    var licence: String
    /// Where it is published; its last part is the name that a mirror has it under.
    var url: String
    /// Bytes of the download.
    var size: Int
    /// Of the download, in hexadecimal.
    var sha256: String
    /// What a download that is a ZIP archive is taken for; nil takes all of it.
    var member: String?
    /// The width and height of the picture that a model looks at; nil of the runtime.
    var inputSize: Int?

    /// The name of the download.
    var asset: String { url.split(separator: "/").last.map(String.init) ?? url }
    /// The name of the file that is installed.
    var file: String { member?.split(separator: "/").last.map(String.init) ?? InstalledVision.modelFile }
}

/// What there is to download, with the checksums that were taken when it was chosen (reference: vision facts).
struct VisionCatalog: Hashable, Sendable {
    /// Nil where ONNX Runtime has none for.
    var runtime: VisionItem?
    /// The smallest first.
    var models: [VisionItem]

    static let current = VisionCatalog(runtime: MachinePlatform.current.flatMap(runtime), models: yolox)

    func model(_ id: String) -> VisionItem? { models.first { $0.id == id } }

    private static func runtime(for platform: MachinePlatform) -> VisionItem? {
        switch platform {
        case .linuxX64:
            onnxRuntime(
                "1d/46/e6f356c9539d2eed44126de3421a81e217da2ad91b22dc11b379cb1e384f", machine: "x86_64",
                size: 27_773_237, sha256: "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d")
        case .linuxARM64:
            onnxRuntime(
                "b7/30/103820b32e9dc1d1fcfc5b519fd2de5bd699d25a25895caf5d726350d1b5", machine: "aarch64",
                size: 23_195_070, sha256: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c")
        case .linuxARMv7, .linuxARMv6, .darwinX64, .darwinARM64: nil
        }
    }

    /// Its wheel for Python is the smallest package that its makers publish with the library in it.
    private static func onnxRuntime(_ folder: String, machine: String, size: Int, sha256: String) -> VisionItem {
        VisionItem(
            id: "onnxruntime", name: "ONNX Runtime \(runtimeVersion)", licence: "MIT",
            url: "https://files.pythonhosted.org/packages/\(folder)/"
                + "onnxruntime-\(runtimeVersion)-cp311-cp311-manylinux_2_28_\(machine).whl",
            size: size, sha256: sha256, member: "onnxruntime/capi/libonnxruntime.so.\(runtimeVersion)")
    }

    private static let runtimeVersion = "1.32.0"

    private static let yolox: [VisionItem] = [
        yolox(
            "nano", "Nano", size: 3_659_407, inputSize: 416,
            sha256: "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d"),
        yolox(
            "tiny", "Tiny", size: 20_219_662, inputSize: 416,
            sha256: "427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7"),
        yolox(
            "s", "S", size: 35_858_002, inputSize: 640,
            sha256: "c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063"),
    ]

    private static func yolox(
        _ id: String, _ name: String, size: Int, inputSize: Int, sha256: String
    ) -> VisionItem {
        VisionItem(
            id: "yolox_\(id)", name: "YOLOX \(name)", licence: "Apache-2.0",
            url: "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_\(id).onnx",
            size: size, sha256: sha256, inputSize: inputSize)
    }
}

/// Where it is downloaded from.
struct VisionSource: Hashable, Sendable {
    /// Without a slash at the end; nil is where each thing is published.
    let mirror: String?

    /// - Parameter mirror: a folder with the files under their own names (`TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL`).
    init(mirror: String?) {
        var base = mirror?.trimmingPrefix(while: \.isWhitespace) ?? ""
        while base.last == "/" || base.last?.isWhitespace == true { base.removeLast() }
        self.mirror = base.isEmpty ? nil : String(base)
    }

    func url(_ item: VisionItem) -> String { mirror.map { "\($0)/\(item.asset)" } ?? item.url }

    /// The checksums of a mirror that has other files than what is published.
    var checksums: String? { mirror.map { "\($0)/\(ReleaseSource.checksumFile)" } }
}
