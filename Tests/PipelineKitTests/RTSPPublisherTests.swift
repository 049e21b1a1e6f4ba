import Logging
import MediaKit
import NIOPosix
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

/// The publisher against a server in this process that stalls, dies and asks for passwords.
@Suite(.timeLimit(.minutes(1)))
struct RTSPPublisherTests {
    private static let credentials = BasicCredentials(user: "pub_1", password: "a b:c")

    /// Access units as an encoder makes them: parameter sets on keyframes, and slices full of a counter.
    private struct Units {
        var stream = PublishedStream(.h264, origin: .now - .seconds(10))
        var number = 0

        mutating func next(keyframe: Bool, size: Int = 2000) -> PublishedUnit {
            let counter = UInt8(truncatingIfNeeded: number)
            var nalUnits: [ArraySlice<UInt8>] =
                keyframe ? [[0x67, 0x64, 0x00, 0x1F, 0xAC], [0x68, 0xEE, 0x3C, 0x80]] : []
            nalUnits.append([keyframe ? 0x65 : 0x41, counter][...] + [UInt8](repeating: 0xAA, count: size)[...])
            defer { number += 1 }
            return stream.picture(
                Sample(nalUnits: nalUnits, presentationTime: Int64(number) * 3600, isRandomAccess: keyframe))
        }

        mutating func sound(_ bytes: [UInt8], at time: Int64) -> PublishedUnit? {
            stream.sound(Sample(frame: bytes[...], presentationTime: time), .copied, RTSPPublisherTests.sound)
        }
    }

    private final class Recorder: Sendable {
        private struct State {
            var sent = 0
            var dropped = 0
            var keyframeRequests = 0
            var errors: [PublishError] = []
        }
        private let state = Mutex(State())
        let keyframeRequests: AsyncStream<Void>
        let losses: AsyncStream<PublishError>
        private let keyframes: AsyncStream<Void>.Continuation
        private let lost: AsyncStream<PublishError>.Continuation

        init() {
            (keyframeRequests, keyframes) = AsyncStream.makeStream()
            (losses, lost) = AsyncStream.makeStream()
        }

        func take(_ event: PublisherEvent) {
            switch event {
            case .sent(let pictures, _, _): state.withLock { $0.sent += pictures }
            case .dropped(let pictures): state.withLock { $0.dropped += pictures }
            case .lost(let error):
                state.withLock { $0.errors.append(error) }
                lost.yield(error)
            case .needsKeyframe:
                state.withLock { $0.keyframeRequests += 1 }
                keyframes.yield()
            case .recording, .announced: break
            }
        }

        var sent: Int { state.withLock(\.sent) }
        var errors: [PublishError] { state.withLock(\.errors) }
        var dropped: Int { state.withLock(\.dropped) }
        var keyframeRequestCount: Int { state.withLock(\.keyframeRequests) }
    }

    private func publisher(port: Int, recorder: Recorder, sound: AudioSettings = .auto) -> RTSPPublisher {
        RTSPPublisher(
            target: PublishTarget(
                path: "demo", host: "127.0.0.1", port: port, username: Self.credentials.user,
                password: Self.credentials.password, sound: PathSound(sound, for: [.rtsp])),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"),
            events: { recorder.take($0) })
    }

    @Test(arguments: [
        FakeEngine.Access.open, .basic(credentials), .digest(credentials, .md5), .digest(credentials, .sha256),
    ])
    func whatIsSentArrives(_ access: FakeEngine.Access) async throws {
        let engine = try await FakeEngine.start(.init(access: access))
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        // The first ones are sent before the connection is open, and must not be lost.
        publisher.send([units.next(keyframe: true), units.next(keyframe: false, size: 10)])
        publisher.send([units.next(keyframe: false, size: 100_000)])
        for expected in 0..<3 {
            let unit = try #require(await engine.nextUnit())
            #expect(unit.isRandomAccess == (expected == 0))
            #expect(unit.nalUnits.last.map { $0[$0.startIndex + 1] } == UInt8(expected))
        }
        #expect(recorder.dropped == 0)
        publisher.stop()
        let goodbye = await engine.first { if case .request(let request) = $0 { request.method } else { nil } }
        #expect(goodbye == .teardown)
        try await engine.kill()
    }

    /// Before the first packet, and again behind it; both tracks' tell the same moment of one time line.
    @Test func senderReportsTieTheTracksToOneClock() async throws {
        let engine = try await FakeEngine.start()
        let publisher = publisher(port: engine.port, recorder: Recorder())
        var units = Units()
        units.stream.sounds = Self.sounds(of: Self.sound)
        let keyframe = units.next(keyframe: true)
        let stream = try #require(keyframe.stream)
        publisher.send([keyframe])
        var isAfterPicture = false
        var reports: [(report: RTCPSenderReport, track: Int, isAfterPicture: Bool)] = []
        while reports.count < 4 {
            _ = await engine.first { event -> Bool? in
                switch event {
                case .unit: isAfterPicture = true
                case .senderReport(let report, let track): reports.append((report, track, isAfterPicture))
                default: return nil
                }
                return true
            }
        }
        #expect(reports.map(\.track) == [0, 1, 0, 1])
        #expect(reports.map(\.isAfterPicture) == [false, false, true, true])
        #expect(reports.map(\.report.packetCount) == [0, 0, UInt32(keyframe.packetCount), 0])
        for (picture, sound) in [(reports[0].report, reports[1].report), (reports[2].report, reports[3].report)] {
            #expect(picture.ntpTimestamp == sound.ntpTimestamp)
            #expect([picture.ssrc, sound.ssrc] == stream.tracks.map(\.ssrc))
            // As long since the beginning by either clock, and no longer than it is by ours.
            let elapsed = Double(picture.rtpTimestamp &- stream.tracks[0].originTimestamp) / 90_000
            #expect(abs(elapsed - Double(sound.rtpTimestamp &- stream.tracks[1].originTimestamp) / 8000) < 0.001)
            #expect(elapsed >= 10 && .seconds(elapsed) <= stream.origin.duration(to: .now) + .milliseconds(1))
        }
        publisher.stop()
        try await engine.kill()
    }

    private static let sound = RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0)

    private static func sounds(of camera: RTPFormat?) -> PublishedSounds {
        PublishedSounds(of: KnownSound(camera), for: [PathSound(.auto, for: [.rtsp])])
    }

    @Test func soundArrivesBesideItsPicture() async throws {
        let engine = try await FakeEngine.start()
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        units.stream.sounds = Self.sounds(of: Self.sound)
        #expect(units.sound([1], at: 0) == nil, "no keyframe has said yet what it is")
        publisher.send([units.next(keyframe: true)])
        let sound = units.sound([1, 2], at: 160)
        publisher.send([try #require(sound), units.next(keyframe: false)])
        let frame = try #require(await engine.first { if case .sound(let frame, _) = $0 { frame } else { nil } })
        #expect(frame.payload == .frame([1, 2]))
        #expect(await engine.nextUnit()?.isRandomAccess == false)
        while recorder.sent < 2 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(recorder.sent == 2 && recorder.dropped == 0, "sound is no picture")
        publisher.stop()
        try await engine.kill()
    }

    @Test func whoseViewersHearNothingAnnouncesAndSendsNoSound() async throws {
        let engine = try await FakeEngine.start()
        let publisher = publisher(port: engine.port, recorder: Recorder(), sound: .off)
        var units = Units()
        units.stream.sounds = Self.sounds(of: Self.sound)
        publisher.send([units.next(keyframe: true)])
        let sound = units.sound([1], at: 160)
        publisher.send([try #require(sound), units.next(keyframe: false)])
        var pictures = 0
        while pictures < 2 {
            switch await engine.first({ $0 }) {
            case .unit: pictures += 1
            case .sound: Issue.record("sound")
            case .request(let request) where request.method == .announce:
                #expect(try SessionDescription(parsing: request.body).media.count == 1)
            default: break
            }
        }
        publisher.stop()
        try await engine.kill()
    }

    /// Viewers are told once what there is, so they have to come again; with the same they stay.
    @Test func soundThatComesOrGoesIsAnnouncedAnew() async throws {
        let engine = try await FakeEngine.start()
        let publisher = publisher(port: engine.port, recorder: Recorder())
        func nextAnnouncement() async throws -> [String] {
            let body = await engine.first { event -> [UInt8]? in
                guard case .request(let request) = event, request.method == .announce else { return nil }
                return request.body
            }
            return try SessionDescription(parsing: #require(body)).media.map { try RTPFormat(media: $0).media.name }
        }
        var units = Units()
        publisher.send([units.next(keyframe: true)])
        #expect(try await nextAnnouncement() == ["H264"])
        for (sound, expected) in [(Self.sound, ["H264", "G711"]), (nil, ["H264"])] {
            while await engine.nextUnit() == nil {}
            units.stream.sounds = Self.sounds(of: sound)
            publisher.send([units.next(keyframe: false), units.next(keyframe: true)])
            #expect(try await nextAnnouncement() == expected)
        }
        publisher.stop()
        try await engine.kill()
    }

    @Test func aWrongPasswordIsSaid() async throws {
        let other = BasicCredentials(user: "pub_1", password: "other")
        let engine = try await FakeEngine.start(.init(access: .digest(other, .md5)))
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var losses = recorder.losses.makeAsyncIterator()
        #expect(await losses.next() == .wrongCredentials)
        publisher.stop()
        try await engine.kill()
    }

    @Test func aRestartedEngineGetsAKeyframeFirst() async throws {
        let engine = try await FakeEngine.start()
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        publisher.send([units.next(keyframe: true)])
        _ = await engine.nextUnit()
        var losses = recorder.losses.makeAsyncIterator()
        try await engine.kill()
        _ = await losses.next()
        // No keyframe since: this can't be used any more.
        publisher.send([units.next(keyframe: false)])

        let second = try await FakeEngine.start(port: engine.port)
        var requests = recorder.keyframeRequests.makeAsyncIterator()
        await requests.next()
        publisher.send([units.next(keyframe: false), units.next(keyframe: true), units.next(keyframe: false)])
        let first = try #require(await second.nextUnit())
        #expect(first.isRandomAccess)
        #expect(first.nalUnits.last.map { $0[$0.startIndex + 1] } == 3)
        #expect(await second.nextUnit()?.isRandomAccess == false)
        publisher.stop()
        try await second.kill()
    }

    /// A session is described once: with another codec it ends, and another one begins with the new keyframe.
    @Test func anotherCodecIsAnnouncedAnew() async throws {
        let engine = try await FakeEngine.start()
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        publisher.send([units.next(keyframe: true), units.next(keyframe: false)])
        _ = await engine.nextUnit()
        // VPS, SPS, PPS, IDR and a trailing picture by their types (ITU-T H.265 table 7-1).
        var stream = PublishedStream(.h265, origin: .now)
        let pictures: [[[UInt8]]] = [[[0x40, 1], [0x42, 1], [0x44, 1], [0x26, 1, 0x80]], [[0x02, 1, 0x80]]]
        publisher.send(
            pictures.enumerated().map { index, nalUnits in
                stream.picture(
                    Sample(
                        nalUnits: nalUnits.map { $0[...] }, presentationTime: Int64(index) * 3600,
                        isRandomAccess: index == 0))
            })
        let announced = try #require(
            await engine.first { event -> String? in
                guard case .request(let request) = event, request.method == .announce else { return nil }
                return String(decoding: request.body, as: UTF8.self)
            })
        #expect(announced.contains("H265/90000") && announced.contains("sprop-vps=QAE="))
        for expected in pictures {
            #expect(await engine.nextUnit()?.nalUnits.map { [UInt8]($0) } == expected)
        }
        #expect(recorder.errors.isEmpty, "nothing was lost: it was left")
        publisher.stop()
        try await engine.kill()
    }

    @Test func aViewerThatWaitsForAKeyframeGetsOne() async throws {
        let engine = try await FakeEngine.start()
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        publisher.send([units.next(keyframe: true)])
        _ = await engine.nextUnit()
        let report = RTCPPacket.receiverReport(RTCPReceiverReport(ssrc: 1))
        for request in [
            RTCPPacket.pictureLossIndication(.init(ssrc: 1, mediaSSRC: 2)),
            .fullIntraRequest(.init(ssrc: 1, entries: [.init(ssrc: 2, sequenceNumber: 1)])),
        ] {
            let before = recorder.keyframeRequestCount
            let compound = RTCPPacket.serializeCompound([report, request])
            // Nothing of this is a wish for the picture.
            for bytes in [[], [0x81, 206], Array(compound.dropLast()), RTCPPacket.serializeCompound([report])] {
                engine.say(bytes, channel: 1)
            }
            for channel: UInt8 in [0, 3, 255] { engine.say(compound, channel: channel) }
            engine.say(compound, channel: 1)
            var requests = recorder.keyframeRequests.makeAsyncIterator()
            await requests.next()
            #expect(recorder.keyframeRequestCount == before + 1)
        }
        publisher.send([units.next(keyframe: true)])
        #expect(await engine.nextUnit()?.isRandomAccess == true, "the connection goes on")
        publisher.stop()
        try await engine.kill()
    }

    @Test func aSlowEngineLosesWholeUnitsUpToAKeyframe() async throws {
        let engine = try await FakeEngine.start(.init(stalls: true))
        let recorder = Recorder()
        let publisher = publisher(port: engine.port, recorder: recorder)
        var units = Units()
        publisher.send([units.next(keyframe: true)])
        _ = await engine.first { if case .request(let request) = $0, request.method == .record { true } else { nil } }
        // Far more than the buffers of both sides and the limit hold.
        for _ in 0..<200 { publisher.send([units.next(keyframe: false, size: 100_000)]) }
        while recorder.dropped == 0 { try await Task.sleep(for: .milliseconds(1)) }
        engine.resume()
        var requests = recorder.keyframeRequests.makeAsyncIterator()
        await requests.next()
        let dropped = recorder.dropped
        #expect(dropped > 0)
        publisher.send([units.next(keyframe: false), units.next(keyframe: true), units.next(keyframe: false)])
        // What arrives is whole, and the first after the gap is the keyframe.
        var numbers: [UInt8] = []
        while numbers.last != UInt8(truncatingIfNeeded: units.number - 1) {
            let unit = try #require(await engine.nextUnit())
            numbers.append(unit.nalUnits.last.map { $0[$0.startIndex + 1] } ?? 0)
            if numbers.count > 1, numbers.last != numbers[numbers.count - 2] &+ 1 { #expect(unit.isRandomAccess) }
        }
        #expect(numbers.count < 203)
        #expect(numbers.count == recorder.sent)
        publisher.stop()
        try await engine.kill()
    }
}
