import Logging
import MediaKit
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols

/// A publisher's life on its event loop: connects, publishes, and connects again when the engine is lost.
actor PublishConnector {
    /// How long the engine may take to accept a connection or to answer a request.
    static let answerTimeout: Duration = .seconds(5)
    /// RFC 3550 §6.2: the recommended least interval between reports.
    static let reportInterval: Duration = .seconds(5)
    /// How long the first picture waits for the sounds that belong beside it. The slowest encoder, MP3's, takes 0.3 s.
    static let soundPatience: Duration = .milliseconds(500)
    /// Bytes that wait for the network before units are dropped, and how few there have to be to go on. A keyframe of
    /// the highest rates fits; at usual rates it is a second of video.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 1 << 20)

    nonisolated let eventLoop: any EventLoop
    private let target: PublishTarget
    /// What the viewers of the path are to hear.
    private var sound: PathSound
    private let logger: Logger
    private let events: @Sendable (PublisherEvent) -> Void

    /// Tells the current connection from abandoned ones.
    private var attempt = 0
    private var channel: (any Channel)?
    private var session: PublishSession
    private var decoder = RTSPDecoder()
    private var backoff = Backoff.engine
    private var timers: [Timer: Scheduled<Void>] = [:]
    private var isStopped = false

    private var stream: StreamDescription?
    private var startBuffer = StartBuffer()
    /// Whether nothing has been sent yet of what is recorded: until all is there that belongs to the beginning, it waits.
    private var isBeginning = false
    private let soundPatience: Duration
    /// Sounds that were waited for in vain, and are not again.
    private var lateSounds: Set<SoundVersion> = []
    private var waitsForKeyframe = false
    /// Since recording began, of each track, modulo 2³² as reports have it (RFC 3550 §6.4.1).
    private var sent: [Int: (packets: UInt32, octets: UInt32)] = [:]

    private enum Timer: Hashable {
        case reconnect, answer, begin, report, keepAlive
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe eventLoop.executor.asUnownedSerialExecutor() }

    init(
        target: PublishTarget, eventLoop: any EventLoop, logger: Logger, soundPatience: Duration,
        events: @escaping @Sendable (PublisherEvent) -> Void
    ) {
        self.target = target
        self.soundPatience = soundPatience
        sound = target.sound
        self.eventLoop = eventLoop
        self.logger = logger
        self.events = events
        session = PublishSession(target: target)
    }

    // MARK: Life

    func connect() {
        guard !isStopped else { return }
        attempt += 1
        session = PublishSession(target: target)
        decoder = RTSPDecoder()
        let attempt = attempt
        let connector = self
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.init(Self.answerTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        PublishHandler(connector: connector, attempt: attempt))
                }
            }
            .connect(host: target.host, port: target.port)
            .whenFailure { _ in
                connector.assumeIsolated {
                    $0.connectionFailed(.unreachable(host: $0.target.host, port: $0.target.port), attempt: attempt)
                }
            }
    }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        sayGoodbye()
    }

    private func sayGoodbye() {
        // Whatever the connection still reports, its end included, is ignored.
        attempt += 1
        cancelTimers()
        guard let channel else { return }
        if case .send(let bytes) = session.end() {
            // Closed when the goodbye has been written; an engine that takes nothing does not hold us up.
            channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in channel.close(promise: nil) }
            _ = eventLoop.scheduleTask(in: .milliseconds(300)) { channel.close(promise: nil) }
        } else {
            channel.close(promise: nil)
        }
        self.channel = nil
    }

    private func connectionFailed(_ error: PublishError, attempt: Int) {
        guard attempt == self.attempt, !isStopped else { return }
        self.attempt += 1
        cancelTimers()
        channel?.close(promise: nil)
        channel = nil
        let delay = backoff.failed(at: .now)
        logger.info("\(error)", metadata: ["retry_in": "\(delay)"])
        events(.lost(error))
        schedule(.reconnect, in: delay) { $0.connect() }
    }

    // MARK: Called by the channel's handler

    func opened(_ channel: any Channel, attempt: Int) {
        guard attempt == self.attempt, !isStopped else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        perform(session.start())
    }

    func read(_ bytes: ByteBuffer, attempt: Int) {
        guard attempt == self.attempt, !isStopped else { return }
        decoder.append(bytes.readableBytesView)
        do {
            while attempt == self.attempt, let message = try decoder.next() {
                switch message {
                case .response(let response): perform(session.received(response))
                case .interleaved(let channel, let payload): take(report: payload, channel: channel)
                // A server has nothing to request of a publisher.
                case .request: break
                }
            }
        } catch {
            connectionFailed(.notRTSP(error.description), attempt: attempt)
        }
    }

    func closed(attempt: Int) {
        connectionFailed(.closed, attempt: attempt)
    }

    func becameWritable(attempt: Int) {
        guard attempt == self.attempt, waitsForKeyframe, session.isRecording else { return }
        events(.needsKeyframe)
    }

    /// Of what the engine says about the stream, this alone is of use over TCP: a viewer needs a keyframe.
    private func take(report: [UInt8], channel: UInt8) {
        guard session.isRecording, channel == PublishSession.channels(ofTrack: PublishedStream.pictureTrack).rtcp,
            let packets = try? RTCPPacket.parseCompound(report), packets.contains(where: \.asksForKeyframe)
        else { return }
        events(.needsKeyframe)
    }

    // MARK: Requests

    private func perform(_ action: PublishSession.Action) {
        switch action {
        case .send(let bytes):
            channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            let attempt = attempt
            schedule(.answer, in: Self.answerTimeout) {
                $0.connectionFailed(.noAnswer(seconds: Self.answerTimeout.components.seconds), attempt: attempt)
            }
        case .describe:
            cancel(.answer)
            announceIfPossible()
        case .record:
            cancel(.answer)
            startRecording()
        case .fail(let error):
            connectionFailed(error, attempt: attempt)
        case .nothing:
            cancel(.answer)
        }
    }

    private func announceIfPossible() {
        guard session.isReadyToAnnounce, let stream else { return }
        // After a reconnection the stream begins with a new keyframe, made while the engine answers.
        if startBuffer.isEmpty { events(.needsKeyframe) }
        events(.announced(sounds: stream.tracks.compactMap(PublishedSound.init)))
        perform(session.announce(stream.tracks.map { ($0.number, $0.format) }))
    }

    private func startRecording() {
        backoff.succeeded(at: .now)
        sent = [:]
        events(.recording)
        // Before the first packets, so that the engine need not guess which of them belong together.
        sendReport()
        isBeginning = true
        waitsForKeyframe = false
        if startBuffer.isEmpty { events(.needsKeyframe) }
        beginIfComplete()
        scheduleKeepAlive()
    }

    /// Whether what is sent waits for what belongs beside it, and for nothing else.
    private var isHeld: Bool { isBeginning && session.isRecording && channel != nil }

    private func beginIfComplete() {
        guard isHeld, !startBuffer.isEmpty else { return }
        if missingSounds.isEmpty {
            begin()
        } else if timers[.begin] == nil {
            schedule(.begin, in: soundPatience) { $0.beginWithoutMissing() }
        }
    }

    private func beginWithoutMissing() {
        cancel(.begin)
        lateSounds.formUnion(missingSounds)
        // More came than is kept: the next keyframe is the first.
        if startBuffer.isEmpty { events(.needsKeyframe) } else { begin() }
    }

    private func begin() {
        cancel(.begin)
        isBeginning = false
        write(startBuffer.take())
    }

    /// The sounds that the first picture still waits for.
    private var missingSounds: Set<SoundVersion> {
        let awaited = (stream?.tracks ?? []).compactMap { track in
            track.version.flatMap { sound.isAwaited($0) && !lateSounds.contains($0) ? (track.number, $0) : nil }
        }
        let missing = startBuffer.missing(of: Set(awaited.map(\.0)))
        return Set(awaited.filter { missing.contains($0.0) }.map(\.1))
    }

    private func scheduleKeepAlive() {
        schedule(.keepAlive, in: .seconds(max(session.timeoutSeconds / 2, 1))) {
            $0.perform($0.session.keepAlive())
            $0.scheduleKeepAlive()
        }
    }

    // MARK: Media

    func send(_ units: [PublishedUnit]) {
        guard !isStopped else { return }
        for unit in units {
            if let stream = unit.stream { describe(stream.limited(to: sound)) }
            guard unit.isPicture || stream?.tracks.contains(where: { $0.number == unit.track }) == true else {
                continue
            }
            guard session.isRecording, !isBeginning, let channel else {
                let dropped = startBuffer.append(unit, keepingGroups: isHeld)
                if dropped > 0 { events(.dropped(pictures: dropped)) }
                beginIfComplete()
                continue
            }
            if waitsForKeyframe, unit.isKeyframe, channel.isWritable { waitsForKeyframe = false }
            if !channel.isWritable { waitsForKeyframe = true }
            if !waitsForKeyframe {
                write([unit])
            } else if unit.isPicture {
                events(.dropped(pictures: 1))
            }
        }
        announceIfPossible()
    }

    /// Others sounds are to be heard from the next keyframe on.
    func follow(_ sound: PathSound) {
        guard sound != self.sound else { return }
        self.sound = sound
        events(.needsKeyframe)
    }

    /// A stream is announced once. With another codec, or with sound that comes or goes, it begins anew, and the engine ends its
    /// viewers, who have to reconnect to be told so.
    private func describe(_ newStream: StreamDescription) {
        let isAnother = stream.map { !$0.isCompatible(with: newStream) } ?? false
        stream = newStream
        guard isAnother else { return }
        logger.info(
            "The stream goes on as \(newStream.formats.map(\.media.name).joined(separator: " with "))")
        startBuffer = StartBuffer()
        sayGoodbye()
        connect()
    }

    private func write(_ units: [PublishedUnit]) {
        guard let channel else { return }
        var byteCount = 0
        var soundBytes: [Int: Int] = [:]
        var begins = false
        for unit in units {
            byteCount += unit.bytes.readableBytes
            if !unit.isPicture { soundBytes[unit.track, default: 0] += unit.octetCount }
            let before = sent[unit.track]
            begins = begins || before == nil
            sent[unit.track] = (
                (before?.packets ?? 0) &+ UInt32(truncatingIfNeeded: unit.packetCount),
                (before?.octets ?? 0) &+ UInt32(truncatingIfNeeded: unit.octetCount)
            )
            channel.write(unit.bytes, promise: nil)
        }
        channel.flush()
        events(.sent(pictures: units.count(where: \.isPicture), bytes: byteCount, soundBytes: soundBytes))
        // Some believe no report of a track that they have heard nothing of.
        if begins { sendReport() }
    }

    /// Ties the RTP timestamps of all tracks to one moment of the wall clock (RFC 3550 §6.4.1), and so to each other.
    private func sendReport() {
        schedule(.report, in: Self.reportInterval) { $0.sendReport() }
        guard let channel, session.isRecording, let stream, channel.isWritable else { return }
        let reading = ClockReading.now()
        let wallTime = NTPTimestamp(sinceUnixEpoch: reading.wallTime)
        let elapsed = stream.origin.duration(to: reading.instant)
        var bytes: [UInt8] = []
        for track in stream.tracks {
            let clock = MediaTimeBase(denominator: Int32(clamping: track.format.clockRate))
            let report = RTCPSenderReport(
                ssrc: track.ssrc, ntpTimestamp: wallTime,
                rtpTimestamp: track.originTimestamp
                    &+ UInt32(truncatingIfNeeded: MediaTime(elapsed, timeBase: clock).ticks),
                packetCount: sent[track.number]?.packets ?? 0, octetCount: sent[track.number]?.octets ?? 0)
            bytes += RTCPPacket.interleavedCompound(
                [
                    .senderReport(report),
                    .sourceDescription(.init(ssrc: track.ssrc, cname: "toposync-streaming")),
                ], channel: PublishSession.channels(ofTrack: track.number).rtcp)
        }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    // MARK: Timers

    private func schedule(
        _ timer: Timer, in delay: Duration, _ action: @escaping @Sendable (isolated PublishConnector) -> Void
    ) {
        timers[timer]?.cancel()
        let connector = self
        timers[timer] = eventLoop.scheduleTask(in: .init(delay)) { connector.assumeIsolated { action($0) } }
    }

    private func cancel(_ timer: Timer) {
        timers.removeValue(forKey: timer)?.cancel()
    }

    private func cancelTimers() {
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }
}
