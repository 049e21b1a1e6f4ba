import CZlib

/// Unpacks compressed bytes piece by piece.
@safe struct Inflater: ~Copyable {
    enum Format: CInt {
        /// A gzip stream (RFC 1952); zlib verifies its checksum and length.
        case gzip = 31
        /// Bare deflate (RFC 1951), as in a ZIP archive.
        case deflate = -15
    }

    // zlib keeps a pointer to the stream's state inside that state, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: 128 << 10)
    private var isAtEnd = false

    init(_ format: Format) throws(ArchiveError) {
        let memory = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe memory.initialize(to: z_stream())
        let status = unsafe toposync_inflate_init(memory, format.rawValue)
        guard status == Z_OK else {
            unsafe memory.deallocate()
            throw .damaged("zlib can't be started (\(status))")
        }
        unsafe stream = unsafe memory
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Unpacks the next bytes of the file and hands on what comes out, in order.
    mutating func append(
        _ bytes: [UInt8], _ handle: (ArraySlice<UInt8>) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        var offset = 0
        while offset < bytes.count {
            if isAtEnd { throw .damaged("something follows its end") }
            let (status, consumed, produced) = step(bytes[offset...])
            offset += consumed
            if produced > 0 { try handle(output[..<produced]) }
            switch status {
            case Z_STREAM_END: isAtEnd = true
            // No progress is possible without more input, which is not an error in a piece's middle.
            case Z_OK, Z_BUF_ERROR: if consumed == 0 && produced == 0 { return }
            default: throw .damaged("its compressed data is damaged")
            }
        }
        // Output that did not fit the buffer of the last step.
        while !isAtEnd {
            let (status, _, produced) = step([])
            if produced > 0 { try handle(output[..<produced]) }
            if status == Z_STREAM_END { isAtEnd = true }
            if produced == 0 { return }
        }
    }

    /// - Throws: ``ArchiveError/truncated`` when the stream's end has not come.
    func finish() throws(ArchiveError) {
        if !isAtEnd { throw .truncated }
    }

    private mutating func step(_ input: ArraySlice<UInt8>) -> (status: CInt, consumed: Int, produced: Int) {
        let stream = unsafe stream
        let capacity = output.count
        return unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = CUnsignedInt(input.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = CUnsignedInt(capacity)
                let status = unsafe inflate(stream, Z_NO_FLUSH)
                return unsafe (
                    status, input.count - Int(stream.pointee.avail_in), capacity - Int(stream.pointee.avail_out)
                )
            }
        }
    }
}
