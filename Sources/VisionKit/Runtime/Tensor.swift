internal import COnnxRuntime

/// What goes into a model or comes out of it, as the model describes it.
struct TensorPort: Hashable, Sendable {
    enum Element: Hashable, Sendable {
        case float
        case int32
        case int64
        case other

        init(_ code: CInt) {
            switch Int(code) {
            case toposync_ort_float: self = .float
            case toposync_ort_int32: self = .int32
            case toposync_ort_int64: self = .int64
            default: self = .other
            }
        }
    }

    let name: String
    let element: Element
    /// −1 for what is only known when it runs.
    let shape: [Int]
}

/// What came out of a model.
struct OutputTensor: Hashable, Sendable {
    /// As many as its shape says.
    let values: [Float]
}

/// Memory that a model reads. Its owner sees to it that it is not written while a model runs.
@safe final class InputTensor: Sendable {
    private let runtime: InferenceRuntime
    // Its owner writes it while no model runs, as it holds the lock for both.
    nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer
    // Never changed after its making, and released with this alone.
    nonisolated(unsafe) let value: OpaquePointer

    /// Filled with zeros.
    init(_ element: TensorPort.Element, shape: [Int], runtime: InferenceRuntime) throws(VisionError) {
        let (code, size) = element == .int64 ? (toposync_ort_int64, 8) : (toposync_ort_float, 4)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: shape.reduce(size, *), alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
        var info: OpaquePointer?
        var value: OpaquePointer?
        do throws(VisionError) {
            try unsafe runtime.check(
                runtime.api.CreateCpuMemoryInfo(
                    CInt(toposync_ort_device_allocator), CInt(toposync_ort_default_memory), &info))
            defer { unsafe runtime.api.ReleaseMemoryInfo(info) }
            try unsafe runtime.check(
                runtime.api.CreateTensorWithDataAsOrtValue(
                    info, memory.baseAddress, memory.count, shape.map(Int64.init), shape.count, CInt(code),
                    &value))
            guard let value = unsafe value else { throw .model("it takes no memory") }
            unsafe self.value = unsafe value
        } catch {
            unsafe memory.deallocate()
            throw error
        }
        self.runtime = runtime
        unsafe self.memory = unsafe memory
    }

    deinit {
        unsafe runtime.api.ReleaseValue(value)
        unsafe memory.deallocate()
    }

    func fill(with integers: [Int64]) {
        unsafe memory.withMemoryRebound(to: Int64.self) { memory in
            for (index, integer) in integers.enumerated() where index < memory.count {
                unsafe memory[index] = integer
            }
        }
    }

    func withFloats<R>(_ body: (UnsafeMutableBufferPointer<Float>) -> R) -> R {
        unsafe memory.withMemoryRebound(to: Float.self) { unsafe body($0) }
    }
}
