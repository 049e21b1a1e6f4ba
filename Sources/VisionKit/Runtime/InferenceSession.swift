internal import COnnxRuntime
internal import Glibc

/// A model that is ready to run, on few threads that sleep when there is nothing to do.
///
/// A model's file is believed nothing: what it takes and gives is bounded, and checked before it is read.
@safe final class InferenceSession: Sendable {
    static let fileSizeLimit = 512 << 20
    private static let portLimit = 16
    private static let rankLimit = 6
    private static let dimensionLimit = 1 << 20
    /// Of all numbers that come out of it at once.
    static let outputLimit = 1 << 24

    let runtime: InferenceRuntime
    let inputs: [TensorPort]
    let outputs: [TensorPort]
    /// The labels of its classes, as its author has noted them in the file; nil without any.
    let names: String?

    // Never changed after its making and released with this alone; ONNX Runtime allows running it from several threads.
    private nonisolated(unsafe) let session: OpaquePointer

    init(_ path: String, threads: Int, runtime: InferenceRuntime) throws(VisionError) {
        try Self.checkSize(of: path)
        let session = unsafe try Self.open(path, threads: threads, runtime)
        do throws(VisionError) {
            let ports = unsafe Ports(runtime: runtime, session: session)
            inputs = try ports.inputs(limit: Self.portLimit)
            outputs = try ports.outputs(limit: Self.portLimit)
            names = try ports.metadata("names")
        } catch {
            unsafe runtime.api.ReleaseSession(session)
            throw error
        }
        self.runtime = runtime
        unsafe self.session = unsafe session
    }

    deinit { unsafe runtime.api.ReleaseSession(session) }

    private static func checkSize(of path: String) throws(VisionError) {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { throw .model("its file is missing") }
        guard facts.st_size <= fileSizeLimit else { throw .model("its file has more than \(fileSizeLimit >> 20) MB") }
    }

    private static func open(
        _ path: String, threads: Int, _ runtime: InferenceRuntime
    ) throws(VisionError)
        -> OpaquePointer
    {
        let api = runtime.api
        var options: OpaquePointer?
        try unsafe runtime.check(api.CreateSessionOptions(&options))
        defer { unsafe api.ReleaseSessionOptions(options) }
        try unsafe runtime.check(
            api.SetSessionGraphOptimizationLevel(options, CInt(toposync_ort_optimize_all)))
        try unsafe runtime.check(api.SetIntraOpNumThreads(options, CInt(clamping: threads)))
        try unsafe runtime.check(api.SetInterOpNumThreads(options, 1))
        // Else its threads keep their cores busy while they wait for the next picture.
        try unsafe runtime.check(api.AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"))
        var session: OpaquePointer?
        try unsafe runtime.check(api.CreateSession(runtime.environment, path, options, &session))
        guard let session = unsafe session else { throw .model("it does not open") }
        return unsafe session
    }

    /// - Parameter tensors: in the order of ``inputs``.
    /// - Returns: in the order of ``outputs``.
    func run(_ tensors: [InputTensor]) throws(VisionError) -> [OutputTensor] {
        let api = runtime.api
        var values = unsafe [OpaquePointer?](repeating: nil, count: outputs.count)
        defer {
            unsafe values.forEach { unsafe api.ReleaseValue($0) }
        }
        let given = unsafe tensors.map { unsafe Optional($0.value) }
        let status = unsafe CStrings.with(inputs.map(\.name)) { inputNames in
            unsafe CStrings.with(outputs.map(\.name)) { outputNames in
                unsafe api.Run(
                    session, nil, inputNames, given, given.count, outputNames, values.count, &values)
            }
        }
        try unsafe runtime.check(status)
        var tensors: [OutputTensor] = []
        var left = Self.outputLimit
        for index in outputs.indices {
            guard let value = unsafe values[index] else { throw .model("an output is missing") }
            let tensor = try unsafe read(value, limit: left)
            left -= tensor.values.count
            tensors.append(tensor)
        }
        return tensors
    }

    private func read(_ value: OpaquePointer, limit: Int) throws(VisionError) -> OutputTensor {
        let api = runtime.api
        var isTensor: CInt = 0
        try unsafe runtime.check(api.IsTensor(value, &isTensor))
        guard isTensor != 0 else { throw .model("an output is no tensor") }
        var info: OpaquePointer?
        try unsafe runtime.check(api.GetTensorTypeAndShape(value, &info))
        defer { unsafe api.ReleaseTensorTypeAndShapeInfo(info) }
        let (element, shape) = try unsafe Self.describe(info, runtime)
        var count = 1
        for dimension in shape {
            guard dimension >= 0, dimension <= limit else { throw .model("it gives too much") }
            count *= dimension
            guard count <= limit else { throw .model("it gives too much") }
        }
        var data: UnsafeMutableRawPointer?
        try unsafe runtime.check(api.GetTensorMutableData(value, &data))
        guard count > 0 else { return OutputTensor(values: []) }
        guard let data = unsafe data else { throw .model("an output is empty") }
        let values: [Float]
        switch element {
        case .float:
            values = unsafe Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
        case .int32:
            values = unsafe UnsafeBufferPointer(start: data.assumingMemoryBound(to: Int32.self), count: count)
                .map { Float($0) }
        case .int64:
            values = unsafe UnsafeBufferPointer(start: data.assumingMemoryBound(to: Int64.self), count: count)
                .map { Float($0) }
        case .other: throw .model("an output has numbers of a kind that is not read")
        }
        return OutputTensor(values: values)
    }

    /// The kind of the numbers in a tensor, and its shape.
    fileprivate static func describe(
        _ info: OpaquePointer?, _ runtime: InferenceRuntime
    ) throws(VisionError)
        -> (TensorPort.Element, [Int])
    {
        var code: CInt = 0
        try unsafe runtime.check(runtime.api.GetTensorElementType(info, &code))
        var rank = 0
        try unsafe runtime.check(runtime.api.GetDimensionsCount(info, &rank))
        guard rank <= rankLimit else { throw .model("it has a tensor of \(rank) dimensions") }
        var dimensions = [Int64](repeating: 0, count: rank)
        try unsafe runtime.check(runtime.api.GetDimensions(info, &dimensions, rank))
        guard dimensions.allSatisfy({ $0 <= dimensionLimit }) else { throw .model("a tensor is too large") }
        return (TensorPort.Element(code), dimensions.map { max(-1, Int($0)) })
    }
}

/// Reads what a model says of itself.
@safe private struct Ports {
    let runtime: InferenceRuntime
    let session: OpaquePointer

    func inputs(limit: Int) throws(VisionError) -> [TensorPort] {
        let api = runtime.api
        return try unsafe ports(
            limit: limit, count: { unsafe api.SessionGetInputCount(session, &$0) },
            name: { unsafe api.SessionGetInputName(session, $0, $1, &$2) },
            info: { unsafe api.SessionGetInputTypeInfo(session, $0, &$1) })
    }

    func outputs(limit: Int) throws(VisionError) -> [TensorPort] {
        let api = runtime.api
        return try unsafe ports(
            limit: limit, count: { unsafe api.SessionGetOutputCount(session, &$0) },
            name: { unsafe api.SessionGetOutputName(session, $0, $1, &$2) },
            info: { unsafe api.SessionGetOutputTypeInfo(session, $0, &$1) })
    }

    private func ports(
        limit: Int, count: (inout Int) -> OpaquePointer?,
        name: (Int, OpaquePointer?, inout UnsafeMutablePointer<CChar>?) -> OpaquePointer?,
        info: (Int, inout OpaquePointer?) -> OpaquePointer?
    ) throws(VisionError) -> [TensorPort] {
        var number = 0
        try unsafe runtime.check(count(&number))
        guard number <= limit else { throw .model("it has \(number) inputs or outputs") }
        var ports: [TensorPort] = []
        for index in 0..<number {
            let text = try unsafe takeText { unsafe name(index, $0, &$1) } ?? ""
            var type: OpaquePointer?
            try unsafe runtime.check(info(index, &type))
            defer { unsafe runtime.api.ReleaseTypeInfo(type) }
            var tensor: OpaquePointer?
            try unsafe runtime.check(runtime.api.CastTypeInfoToTensorInfo(type, &tensor))
            guard let tensor = unsafe tensor else { throw .unknownModel("'\(text.prefix(64))' is no tensor") }
            let (element, shape) = try unsafe InferenceSession.describe(tensor, runtime)
            ports.append(TensorPort(name: text, element: element, shape: shape))
        }
        return ports
    }

    func metadata(_ key: String) throws(VisionError) -> String? {
        var metadata: OpaquePointer?
        try unsafe runtime.check(runtime.api.SessionGetModelMetadata(session, &metadata))
        defer { unsafe runtime.api.ReleaseModelMetadata(metadata) }
        return try unsafe takeText {
            unsafe runtime.api.ModelMetadataLookupCustomMetadataMap(metadata, $0, key, &$1)
        }
    }

    private func takeText(
        _ body: (OpaquePointer?, inout UnsafeMutablePointer<CChar>?) -> OpaquePointer?
    ) throws(VisionError) -> String? {
        var allocator: OpaquePointer?
        try unsafe runtime.check(runtime.api.GetAllocatorWithDefaultOptions(&allocator))
        var text: UnsafeMutablePointer<CChar>?
        try unsafe runtime.check(body(allocator, &text))
        guard let text = unsafe text else { return nil }
        defer { _ = unsafe runtime.api.AllocatorFree(allocator, text) }
        return unsafe String(cString: text)
    }
}

/// Lends texts as C has them.
private enum CStrings {
    static func with<R>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer {
            unsafe copies.forEach { unsafe free($0) }
        }
        let pointers = unsafe copies.map { unsafe UnsafePointer($0) }
        return unsafe body(pointers)
    }
}
