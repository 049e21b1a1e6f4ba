import MediaKit
import StreamModel

/// What decides how a camera is read: a change of anything else does not disturb it.
struct CameraSettings: Hashable, Sendable {
    var id: String
    var url: String
    var username: String?
    var password: Secret?
    var transport: CameraTransport
    /// How it had to be read last, as far as is known when it is opened. No part of a plan: to learn more of a camera
    /// does not disturb it.
    var access: CameraAccess?

    init(_ camera: Camera) {
        id = camera.id
        url = camera.url
        username = camera.username
        password = camera.password
        transport = camera.transport
    }

    var isDemo: Bool { url == Camera.demoURL }

    func demuxerOptions(openTimeout: Duration = .seconds(10), realTime: Bool = true) -> DemuxerOptions {
        DemuxerOptions(
            transport: DemuxerOptions.Transport(transport), openTimeout: openTimeout, loop: realTime,
            realTime: realTime,
            credentials: username.map { .init(username: $0, password: password?.exposed ?? "") })
    }
}

extension DemuxerOptions.Transport {
    init(_ transport: CameraTransport) {
        switch transport {
        case .auto: self = .auto
        case .tcp: self = .tcp
        case .udp: self = .udp
        }
    }
}
