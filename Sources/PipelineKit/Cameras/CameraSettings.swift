import MediaKit
import StreamModel

/// What decides how a camera is read: a change of anything else does not disturb it.
struct CameraSettings: Hashable, Sendable {
    var id: String
    var url: String
    var username: String?
    var password: Secret?
    var transport: CameraTransport
    var soundTrack: Int?
    /// Heard in place of the camera's own sound.
    var microphone: String?
    /// How it had to be read last, as far as is known when it is opened. No part of a plan: to learn more of a camera
    /// does not disturb it.
    var access: CameraAccess?

    init(_ camera: Camera) {
        id = camera.id
        url = camera.url
        username = camera.username
        password = camera.password
        transport = camera.transport
        soundTrack = camera.soundTrack
        microphone = camera.microphone
    }

    var isDemo: Bool { url == Camera.demoURL }

    /// Home Assistant gives the first playlist when it has two segments, of six seconds each where it makes them itself.
    private var patience: Duration { HomeAssistantAddress.isOne(url) ? .seconds(30) : .seconds(10) }

    func demuxerOptions(openTimeout: Duration? = nil, realTime: Bool = true) -> DemuxerOptions {
        DemuxerOptions(
            transport: DemuxerOptions.Transport(transport), openTimeout: openTimeout ?? patience, readTimeout: patience,
            loop: realTime, realTime: realTime, soundTrack: soundTrack,
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
