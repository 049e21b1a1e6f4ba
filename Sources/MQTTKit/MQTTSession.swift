internal import CMosquitto
import Foundation
internal import Glibc
import StreamModel

/// One connection with a broker, from before it is there until it ends. It belongs to the thread that made it; connecting blocks
/// that as long as the system tries.
@safe final class MQTTSession {
    let broker: MQTTBroker
    // Made in `init`, destroyed in `deinit`, used by one thread.
    private let handle: OpaquePointer
    /// Whether somebody took the connection.
    private var isOpen = false
    /// What the broker answered to CONNECT; nil before that.
    private(set) var answer: CInt?
    /// Published, and not acknowledged yet; in the order of their numbers.
    private(set) var inFlight: [(number: CInt, message: MQTTMessage)] = []
    private var received: [MQTTMessage] = []
    private var acknowledged = 0

    /// Seconds without a word after which a side asks whether the other one is there.
    private static let keepAlive: CInt = 30
    /// Messages that may wait for their acknowledgement.
    static let inFlightLimit = 20
    /// Of a payload that comes in: we are told words.
    private static let receivedPayloadLimit = 256
    /// Bytes of the topic of a message that comes in; those of our own have fewer, and others are not for us.
    private static let receivedTopicLimit = 512
    /// Bytes of a file of certificates in which the first one begins.
    private static let certificateSearchLimit = 1 << 20
    private static let certificatesOfDebian = "/etc/ssl/certs/ca-certificates.crt"
    private static let library: Void = { _ = mosquitto_lib_init() }()

    init(_ broker: MQTTBroker) throws(MQTTProblem) {
        _ = Self.library
        self.broker = broker
        guard let handle = unsafe mosquitto_new(broker.clientID, true, nil) else { throw .noResources }
        unsafe self.handle = unsafe handle
        unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        unsafe mosquitto_connect_callback_set(handle) { _, object, code in
            unsafe MQTTSession.of(object)?.answer = code
        }
        unsafe mosquitto_publish_callback_set(handle) { _, object, number in
            unsafe MQTTSession.of(object)?.acknowledge(number)
        }
        unsafe mosquitto_message_callback_set(handle) { _, object, message in
            guard let session = unsafe MQTTSession.of(object), let message = unsafe message?.pointee,
                let topic = unsafe message.topic, unsafe Int(strlen(topic)) <= MQTTSession.receivedTopicLimit
            else { return }
            let count = unsafe min(Int(message.payloadlen), MQTTSession.receivedPayloadLimit)
            let payload = unsafe message.payload.map { unsafe Data(bytes: $0, count: count) } ?? Data()
            session.received.append(
                MQTTMessage(unsafe String(cString: topic), payload, isRetained: unsafe message.retain))
        }
        if let user = broker.user {
            unsafe mosquitto_username_pw_set(handle, user, broker.password?.exposed)
        }
        if let will = broker.will {
            _ = unsafe will.payload.withUnsafeBytes { bytes in
                unsafe mosquitto_will_set(
                    handle, will.topic, CInt(bytes.count), bytes.baseAddress, 1, will.isRetained)
            }
        }
        if broker.usesTLS { try trust() }
    }

    deinit { unsafe mosquitto_destroy(handle) }

    private static func of(_ object: UnsafeMutableRawPointer?) -> MQTTSession? {
        unsafe object.map { unsafe Unmanaged<MQTTSession>.fromOpaque($0).takeUnretainedValue() }
    }

    private func trust() throws(MQTTProblem) {
        let file = broker.certificates ?? Self.certificatesOfDebian
        // The library says of a key or another file what it says of a broker that is not trusted.
        if let own = broker.certificates {
            guard let text = try? FileHandle(forReadingAtPath: own)?.read(upToCount: Self.certificateSearchLimit),
                text.range(of: Data("CERTIFICATE-----".utf8)) != nil
            else { throw .certificatesUnreadable(own) }
        }
        if unsafe access(file, R_OK) == 0 {
            guard unsafe mosquitto_tls_set(handle, file, nil, nil, nil, nil) == MOSQ_ERR_SUCCESS.code else {
                throw .certificatesUnreadable(file)
            }
        } else if broker.certificates != nil {
            throw .certificatesUnreadable(file)
        } else {
            unsafe mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1)
        }
        unsafe mosquitto_tls_opts_set(handle, 1, "tlsv1.2", nil)
    }

    // MARK: What it does

    /// Looks the broker up and connects with it. What it answers comes by ``step(_:)``.
    func connect() throws(MQTTProblem) {
        try check(unsafe mosquitto_connect(handle, broker.host, CInt(broker.port), Self.keepAlive))
        isOpen = true
    }

    func subscribe(to topics: [String]) throws(MQTTProblem) {
        for topic in topics { try check(unsafe mosquitto_subscribe(handle, nil, topic, 1)) }
    }

    /// Publishes it so that it arrives at least once (QoS 1). One that can't be published as it is, is left out.
    func publish(_ message: MQTTMessage) throws(MQTTProblem) {
        var number: CInt = 0
        let result = unsafe message.payload.withUnsafeBytes { bytes in
            unsafe mosquitto_publish(
                handle, &number, message.topic, CInt(clamping: bytes.count), bytes.baseAddress, 1, message.isRetained)
        }
        switch result {
        case MOSQ_ERR_INVAL.code, MOSQ_ERR_PAYLOAD_SIZE.code, MOSQ_ERR_MALFORMED_UTF8.code,
            MOSQ_ERR_OVERSIZE_PACKET.code:
            return
        default: break
        }
        inFlight.append((number, message))
        try check(result)
    }

    /// Waits until something is to be done, and does it.
    func step(_ wake: WakeUp, atMost limit: Duration) throws(MQTTProblem) {
        let socket = unsafe mosquitto_socket(handle)
        guard socket >= 0 else { throw problem() }
        let ready = wake.wait(for: (socket, unsafe mosquitto_want_write(handle)), atMost: limit)
        if ready.read { try check(unsafe mosquitto_loop_read(handle, 1)) }
        if ready.write { try check(unsafe mosquitto_loop_write(handle, 1)) }
        try check(unsafe mosquitto_loop_misc(handle))
    }

    /// What came in since this was asked last.
    func takeReceived() -> [MQTTMessage] {
        defer { received = [] }
        return received
    }

    /// How many were acknowledged since this was asked last.
    func takeAcknowledged() -> Int {
        defer { acknowledged = 0 }
        return acknowledged
    }

    /// Says goodbye, after which the broker does not publish the will.
    func disconnect() { unsafe mosquitto_disconnect(handle) }

    private func acknowledge(_ number: CInt) {
        let count = inFlight.count
        inFlight.removeAll { $0.number == number }
        acknowledged += count - inFlight.count
    }

    // MARK: What goes wrong

    private func check(_ result: CInt) throws(MQTTProblem) {
        guard result != MOSQ_ERR_SUCCESS.code else { return }
        switch result {
        case MOSQ_ERR_EAI.code, MOSQ_ERR_LOOKUP.code: throw .unknownHost(broker)
        case MOSQ_ERR_TLS.code, MOSQ_ERR_TLS_HANDSHAKE.code: throw .untrusted(broker)
        case MOSQ_ERR_NOMEM.code: throw .noResources
        default: throw problem()
        }
    }

    private func problem() -> MQTTProblem {
        switch answer {
        case nil: isOpen ? .silent(broker) : .unreachable(broker)
        case 0: .lost(broker)
        case let code?: .refused(broker, code: Int(code))
        }
    }
}

extension mosq_err_t {
    fileprivate var code: CInt { CInt(rawValue) }
}
