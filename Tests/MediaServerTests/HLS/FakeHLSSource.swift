import ConnectionLimits
import EngineContract
import NIOCore
import StreamModel
import StreamProtocols

@testable import MediaServer

/// The engine as HLS sees it, on an event loop like the real one; the test says what it does.
actor FakeHLSSource: HLSSource {
    private let eventLoop: any EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// What `authorizeHLS` asks for; nil lets everybody in.
    var password: String?
    /// What the next attachments end with.
    var refusal: HLSRefusal?
    /// How paths are packed that are not as the others.
    private var variants: [String: HLSVariant] = [:]
    /// Whether attachments wait for ``release()``, as for a publisher that is being started.
    var isHolding = false
    private(set) var authorizationCount = 0
    /// How many have asked, and how many were let in.
    private(set) var attachmentCount = 0
    private(set) var attachedCount = 0
    private(set) var detached: [HLSAttachment] = []
    private(set) var muxer: (any StreamReader)?
    /// That of ``muxer``.
    private var newest: HLSAttachment?
    private var held: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(isMet: (FakeHLSSource) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func set(password: String? = nil, refusal: HLSRefusal? = nil, isHolding: Bool = false) {
        self.password = password
        self.refusal = refusal
        self.isHolding = isHolding
    }

    func pack(_ path: String, as variant: HLSVariant) { variants[path] = variant }

    func release() {
        isHolding = false
        for continuation in held { continuation.resume() }
        held = []
    }

    /// Lets the muxer see a publisher and then `samples`.
    func publish(_ samples: [Sample]) {
        muxer?.begin(
            StreamStart(formats: [RTPFormat(TestPicture.format)], pictureTracks: [0], reports: [], group: []))
        send(samples)
    }

    func send(_ samples: [Sample]) {
        for sample in samples {
            let unit = StreamUnit(
                number: 0, track: 0, sample: sample, media: TestPicture.format, isKeyframe: sample.isRandomAccess,
                wallTime: ProgramDateTime(millisecondsSinceEpoch: 1_800_000_000_000))
            muxer?.deliver(Delivery(unit: unit, packets: nil))
        }
        muxer?.flush()
    }

    func closeStream() {
        muxer?.streamEnded([])
    }

    /// Returns when `count` muxers have been attached altogether.
    func attached(_ count: Int) async {
        await wait { $0.assumeIsolated { $0.attachedCount >= count } }
    }

    /// Returns when `count` have asked to be attached altogether.
    func attachments(_ count: Int) async {
        await wait { $0.assumeIsolated { $0.attachmentCount >= count } }
    }

    func detachments(_ count: Int) async {
        await wait { $0.assumeIsolated { $0.detached.count >= count } }
    }

    private func wait(_ isMet: @escaping (FakeHLSSource) -> Bool) async {
        if isMet(self) { return }
        await withCheckedContinuation { watchers.append((isMet, $0)) }
    }

    private func notify() {
        let met = watchers.filter { $0.isMet(self) }
        watchers.removeAll { $0.isMet(self) }
        for watcher in met { watcher.continuation.resume() }
    }

    // MARK: HLSSource

    func authorizeHLS(
        path: String,
        address: IPAddress?,
        credentials: AccessCredentials
    ) async throws(HLSRefusal) {
        authorizationCount += 1
        guard let password else { return }
        guard case .password("viewer", password) = credentials else { throw .unauthorized }
    }

    func hlsVariant(ofPath path: String) async -> HLSVariant? { variants[path] }

    func attachHLS(
        _ muxer: any StreamReader,
        to path: String
    ) async throws(HLSRefusal) -> HLSAttachment {
        attachmentCount += 1
        notify()
        if isHolding { await withCheckedContinuation { held.append($0) } }
        if let refusal { throw refusal }
        self.muxer = muxer
        attachedCount += 1
        notify()
        let attachment = HLSAttachment(id: "reader-\(attachmentCount)", path: path)
        newest = attachment
        return attachment
    }

    func detachHLS(_ attachment: HLSAttachment) async {
        detached.append(attachment)
        // The next one may be there before the former has left.
        if attachment == newest { muxer = nil }
        notify()
    }

    let viewerLimits = ViewerLimits(queuedByteCount: 100_000, queues: ReaderQueues())
}
