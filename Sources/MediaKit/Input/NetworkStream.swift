internal import CLibAV
internal import Glibc
internal import Synchronization

/// A TCP connection to a source. Use from one thread at a time, and not on the cooperative pool: everything blocks, until
/// it is done, its time has passed, or the interrupt flag is raised.
public final class NetworkStream {
    /// How long a read that has something waits for more. A camera sends a picture as a dozen packets, and to wake up
    /// for each costs more than to read them.
    private static let gatherTime: Duration = .milliseconds(2)

    private let socket: Socket
    private let subject: String
    private let interrupt: InterruptFlag
    private let hook: Int
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    /// Whether the last read filled the buffer, so that more is there already.
    private var isBehind = false

    /// Connects to the first address of the source's host that answers, before `deadline`. Each gets an equal part of the
    /// time that is left, so that one that says nothing does not cost the others theirs.
    ///
    /// - Parameter defaultPort: where the address says none.
    public init(
        to url: MediaURL, defaultPort: UInt16, until deadline: MonotonicInstant, interrupt: InterruptFlag
    ) throws(MediaError) {
        let subject = url.description
        let addresses = try HostLookup.addresses(of: url, until: deadline, interrupt: interrupt)
        var failure = MediaError(
            kind: .unreachable, operation: "connect", subject: subject, reason: "the host has no address")
        var connected: Socket?
        for (index, address) in addresses.enumerated() where connected == nil {
            let part = MonotonicInstant.now.duration(to: deadline) / (addresses.count - index)
            do throws(MediaError) {
                connected = try Socket.connected(
                    to: address, port: url.port ?? defaultPort, until: .now + part, interrupt, subject)
            } catch {
                failure = error
                if error.kind == .interrupted { break }
            }
        }
        guard let connected else { throw failure }
        socket = connected
        self.subject = subject
        self.interrupt = interrupt
        hook = interrupt.addHook { connected.stopReading() }
    }

    deinit {
        interrupt.removeHook(hook)
        socket.close()
    }

    /// Lends what has come, at least one byte.
    ///
    /// - Throws: `.endOfStream` when the peer has closed the connection, `.timedOut` when nothing came before `deadline`.
    public func read<R>(until deadline: MonotonicInstant, _ body: (ArraySlice<UInt8>) -> R) throws(MediaError) -> R {
        if !isBehind {
            try socket.wait(for: POLLIN, until: deadline, interrupt, "read", subject)
            interrupt.wait(until: .now + Self.gatherTime)
        }
        while true {
            switch socket.receive(&buffer) {
            case .success(0):
                // What ended the connection may have been us.
                guard !interrupt.isInterrupted else { throw .stopped(interrupt, operation: "read", subject: subject) }
                throw MediaError(kind: .endOfStream, operation: "read", subject: subject, reason: "the stream ended")
            case .success(let count):
                isBehind = count == buffer.count
                return body(buffer[..<count])
            case .failure(let error) where error.isTemporary:
                try socket.wait(for: POLLIN, until: deadline, interrupt, "read", subject)
            case .failure(let error):
                throw error.mediaError(interrupt, "read", subject)
            }
        }
    }

    /// Sends all of `bytes`.
    public func write(_ bytes: [UInt8], until deadline: MonotonicInstant) throws(MediaError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch socket.send(rest) {
            case .success(let count): rest = rest.dropFirst(count)
            case .failure(let error) where error.isTemporary:
                try socket.wait(for: POLLOUT, until: deadline, interrupt, "write", subject)
            case .failure(let error): throw error.mediaError(interrupt, "write", subject)
            }
        }
    }

    /// Sends what fits at once: a goodbye, which nobody waits for.
    public func writeWithoutWaiting(_ bytes: [UInt8]) {
        _ = socket.send(bytes[...])
    }
}

/// What a system call said.
private struct SocketError: Error {
    let code: CInt

    var isTemporary: Bool { code == EAGAIN || code == EINTR }

    func mediaError(_ interrupt: InterruptFlag, _ operation: String, _ subject: String) -> MediaError {
        interrupt.isInterrupted
            ? .stopped(interrupt, operation: operation, subject: subject)
            : MediaError(errno: code, operation: operation, subject: subject)
    }
}

/// The owner of a socket that does not block. Reading is stopped from any thread; everything else is for one.
private final class Socket: Sendable {
    /// -1 once it is closed, so that nobody touches another file of the same number.
    private let descriptor: Mutex<CInt>
    /// The same, for the thread that uses the socket until it closes it.
    private let number: CInt

    private init(_ number: CInt) {
        self.number = number
        descriptor = Mutex(number)
    }

    deinit { close() }

    /// What may lie unread, as the kernel counts it: a second of a usual camera. Whoever can't read as fast as that is to
    /// be left behind by the camera, which can leave out pictures, and not to read what is old.
    private static let receiveBufferSize: CInt = 256 << 10

    /// `POLLRDHUP` of poll(2), which Glibc's module leaves out: reading was stopped, by us or by the peer's end.
    private static let readHangUp: CInt = 0x2000

    static func connected(
        to address: NetworkAddress, port: UInt16, until deadline: MonotonicInstant, _ interrupt: InterruptFlag,
        _ subject: String
    ) throws(MediaError) -> Socket {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(address.family, type, 0)
        guard number >= 0 else { throw SocketError(code: errno).mediaError(interrupt, "connect", subject) }
        let socket = Socket(number)
        // Requests are small, and waited for.
        var on: CInt = 1
        unsafe setsockopt(number, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        // Before connecting, because the window's scale is agreed upon then.
        var size = receiveBufferSize
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        let status = unsafe address.withSocketAddress(port: port) { unsafe Glibc.connect(number, $0, $1) }
        if status != 0 {
            guard errno == EINPROGRESS else { throw SocketError(code: errno).mediaError(interrupt, "connect", subject) }
            let hook = interrupt.addHook { socket.stopReading() }
            defer { interrupt.removeHook(hook) }
            try socket.wait(for: POLLOUT, until: deadline, interrupt, "connect", subject)
            var code: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size)
            guard code == 0 else { throw SocketError(code: code).mediaError(interrupt, "connect", subject) }
        }
        return socket
    }

    /// Ends every wait, and lets reads find the end of the stream. A goodbye can still be sent.
    func stopReading() {
        descriptor.withLock { number in
            if number >= 0 { _ = Glibc.shutdown(number, CInt(SHUT_RD)) }
        }
    }

    func close() {
        descriptor.withLock { number in
            if number >= 0 { Glibc.close(number) }
            number = -1
        }
    }

    func receive(_ buffer: inout [UInt8]) -> Result<Int, SocketError> {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
        return count >= 0 ? .success(count) : .failure(SocketError(code: errno))
    }

    func send(_ bytes: ArraySlice<UInt8>) -> Result<Int, SocketError> {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        return count >= 0 ? .success(count) : .failure(SocketError(code: errno))
    }

    func wait(
        for events: CInt, until deadline: MonotonicInstant, _ interrupt: InterruptFlag, _ operation: String,
        _ subject: String
    ) throws(MediaError) {
        while true {
            let remaining = MonotonicInstant.now.duration(to: deadline)
            guard !interrupt.isInterrupted, remaining > .zero else {
                throw .stopped(interrupt, operation: operation, subject: subject)
            }
            // Who waits to write is to notice too that reading was stopped.
            var poll = pollfd(fd: number, events: Int16(events | Self.readHangUp), revents: 0)
            // Rounded up, so that the last part of a millisecond is not spent asking.
            let milliseconds = CInt(clamping: remaining.wholeNanoseconds / 1_000_000 + 1)
            guard unsafe Glibc.poll(&poll, 1, milliseconds) > 0 else { continue }
            if CInt(poll.revents) & ~Self.readHangUp != 0 { return }
            guard interrupt.isInterrupted else {
                throw MediaError(kind: .endOfStream, operation: operation, subject: subject, reason: "the stream ended")
            }
        }
    }
}
