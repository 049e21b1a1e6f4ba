import NIOCore
import Synchronization

/// The channel of an RTSP connection, on an event loop of its own: hands what comes to the ``RTSPConnection`` on the engine's loop,
/// and writes what that, or a reader on this loop, sends.
///
/// Unchecked: all that changes is used on the channel's event loop alone, or is in an atomic or a mutex.
final class RTSPChannel: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes that the connection may have and not have read yet, because a request is on hold or others have their turn.
    static let unreadLimit = 128 << 10
    /// How long a client may take to read what is sent before the connection is closed.
    static let closingPatience: Duration = .milliseconds(500)
    /// Bytes that a client has to take within the write timeout: less than any stream has.
    static let leastProgress = 16 << 10

    let eventLoop: any EventLoop
    private let connection: NIOLoopBound<RTSPConnection>
    private let engineLoop: any EventLoop
    /// How long the client may take next to nothing.
    private let writeTimeout: WriteTimeout
    private let clock: EngineClock
    private var context: ChannelHandlerContext?
    private var isClosing = false
    private var wantsRead = false
    private var stallTimer: LoopTimer?
    private var closingTimer: LoopTimer?
    private let outboundBytes = Atomic(0)
    private let unread = Mutex(Unread())

    /// What the connection has not read yet.
    private struct Unread {
        var byteCount = 0
        /// Whether the channel waits until it has.
        var isAwaited = false
    }

    /// - Parameter clock: the engine's.
    init(
        _ connection: NIOLoopBound<RTSPConnection>, eventLoop: any EventLoop, clock: EngineClock,
        writeTimeout: WriteTimeout
    ) {
        self.connection = connection
        self.eventLoop = eventLoop
        engineLoop = clock.eventLoop
        self.clock = clock.moved(to: eventLoop)
        self.writeTimeout = writeTimeout
    }

    /// Bytes sent, those that wait included.
    var outboundByteCount: Int { outboundBytes.load(ordering: .relaxed) }

    // MARK: On any event loop

    func send(_ buffer: ByteBuffer) { onLoop { $0.write(buffer) } }

    /// Closes after what was sent is out.
    func closeAfterFlushing() { onLoop { $0.flushAndClose() } }

    /// It has not become one of a channel.
    func abandon() { onEngineLoop { $0.closed() } }

    func close() { onLoop { $0.context?.close(promise: nil) } }

    /// The connection has read bytes that it was given.
    func haveBeenRead(_ byteCount: Int) {
        let isAwaited = unread.withLock { unread in
            unread.byteCount -= byteCount
            guard unread.isAwaited, unread.byteCount < Self.unreadLimit else { return false }
            unread.isAwaited = false
            return true
        }
        if isAwaited { onLoop { $0.readIfWanted() } }
    }

    private func onLoop(_ body: @escaping @Sendable (RTSPChannel) -> Void) {
        if eventLoop.inEventLoop {
            body(self)
        } else {
            eventLoop.execute { [self] in body(self) }
        }
    }

    private func onEngineLoop(_ body: @escaping @Sendable (RTSPConnection) -> Void) {
        if engineLoop.inEventLoop {
            body(connection.value)
        } else {
            engineLoop.execute { [connection] in body(connection.value) }
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        onEngineLoop { [self] in $0.opened(self) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        onEngineLoop { $0.closed() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stallTimer?.cancel()
        closingTimer?.cancel()
        onEngineLoop { $0.closed() }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let buffer = unwrapInboundIn(data)
        unread.withLock { $0.byteCount += buffer.readableBytes }
        onEngineLoop { $0.received(buffer) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The peer is gone or unreachable; there is no one to tell.
        context.close(promise: nil)
    }

    /// Nothing more is read while enough lies unread, or while the client does not take what it is sent: a publisher too,
    /// which is sent nothing but answers.
    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            wantsRead = true
        }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        guard context.channel.isWritable else { return false }
        // What comes at the end is thrown away.
        if isClosing { return true }
        return unread.withLock { unread in
            unread.isAwaited = unread.byteCount >= Self.unreadLimit
            return !unread.isAwaited
        }
    }

    private func readIfWanted() {
        guard wantsRead, let context, mayRead(context) else { return }
        wantsRead = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stallTimer?.cancel()
            stallTimer = nil
            readIfWanted()
        } else if stallTimer == nil {
            watchStall(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the connection when hardly anything of what waits is taken within the write timeout.
    private func watchStall(_ context: ChannelHandlerContext) {
        let drained = outboundByteCount - pendingByteCount
        let timeout = writeTimeout.value
        stallTimer = clock.schedule(after: timeout) { [weak self] in
            guard let self, let context = self.context else { return }
            stallTimer = nil
            guard outboundByteCount - pendingByteCount < drained + Self.leastProgress else {
                if !context.channel.isWritable { watchStall(context) }
                return
            }
            onEngineLoop { $0.stalled(for: timeout) }
            context.close(promise: nil)
        }
    }

    // MARK: On its event loop

    /// Bytes that wait until the client takes them; 0 while they are few.
    var queuedByteCount: Int {
        // The exact number costs more than the flag, and matters to slow readers only.
        guard let channel = context?.channel, !channel.isWritable else { return 0 }
        return pendingByteCount
    }

    private var pendingByteCount: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func write(_ buffer: ByteBuffer) {
        guard let context, !isClosing else { return }
        outboundBytes.add(buffer.readableBytes, ordering: .relaxed)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func flushAndClose() {
        guard let context, !isClosing else { return }
        isClosing = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { [self] _ in
            // The peer reads the end, closes too, and nothing that was sent is lost to a reset.
            self.context?.close(mode: .output, promise: nil)
        }
        readIfWanted()
        closingTimer = clock.schedule(after: Self.closingPatience) { [weak self] in
            self?.context?.close(promise: nil)
        }
    }
}

/// How long a client may take next to nothing of what it is sent, as it is set now.
final class WriteTimeout: Sendable {
    private let duration: Mutex<Duration>

    init(_ duration: Duration) { self.duration = Mutex(duration) }

    var value: Duration {
        get { duration.withLock { $0 } }
        set { duration.withLock { $0 = newValue } }
    }
}

extension ByteBuffer {
    /// A packet as interleaved binary data (RFC 2326 §10.12); nil when it is too long for that.
    init?(interleaved packet: [UInt8], channel: UInt8) {
        guard let length = UInt16(exactly: packet.count) else { return nil }
        self.init()
        reserveCapacity(packet.count + 4)
        writeInteger(UInt8(0x24))
        writeInteger(channel)
        writeInteger(length)
        writeBytes(packet)
    }
}
