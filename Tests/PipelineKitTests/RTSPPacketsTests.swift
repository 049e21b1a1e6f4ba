import MediaKit
import StreamProtocols
import Synchronization
import TestSupport
import Testing

@testable import PipelineKit

@Suite(.timeLimit(.minutes(1)))
struct RTSPPacketsTests {
    private static let sps = CopyTermsTests.Sample.plain.bytes
    private static let pps: [UInt8] = [0x68, 0xEE, 0x3C, 0x80]

    /// Runs blocking work on a thread of its own.
    private func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let result = Mutex<Result<T, any Error>?>(nil)
        let thread = DedicatedThread(name: "test") {
            let outcome = Result { try work() }
            result.withLock { $0 = outcome }
        }
        await thread.completion()
        return try #require(result.withLock { $0 }).get()
    }

    private static func ok(_ request: RTSPRequest, _ headers: RTSPHeaders = [:], body: String = "") -> [UInt8] {
        var response = RTSPResponse(status: .ok, headers: headers, body: [UInt8](body.utf8))
        response.headers["CSeq"] = request.headers["CSeq"]
        return response.serialized()
    }

    private static let description = """
        v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r
        a=control:video\r\n
        """

    private static func unit(_ number: Int64, keyframe: Bool) -> Sample {
        let slice: [UInt8] = [keyframe ? 0x65 : 0x41, 0x88] + [UInt8](repeating: UInt8(number), count: 3000)
        let nalUnits = keyframe ? [sps, pps, slice] : [slice]
        return Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: number * 3600, isRandomAccess: keyframe)
    }

    /// Answers everything, and with PLAY sends `after`, which may follow in the same piece.
    private static func camera(
        describing description: String = description, beginning begin: String? = nil,
        playing after: @escaping @Sendable () -> [[UInt8]]
    ) -> FakeCamera.Answer {
        { request in
            switch request.method {
            case .describe: .bytes([ok(request, body: description)])
            case .play: .bytes([ok(request, begin.map { ["RTP-Info": $0] } ?? [:])] + after())
            default: .bytes([ok(request, ["Session": "1"])])
            }
        }
    }

    private static func framed(_ units: [Sample], channel: UInt8 = 0) -> [UInt8] {
        var packetizer = H264Packetizer()
        var bytes: [UInt8] = []
        for packet in units.flatMap({ packetizer.packetize($0) }) {
            packet.appendInterleaved(channel: channel, to: &bytes)
        }
        return bytes
    }

    private static func open(
        _ port: Int, host: String = "127.0.0.1", openTimeout: Duration = .seconds(10),
        readTimeout: Duration = .seconds(10),
        interrupt: InterruptFlag = InterruptFlag(), whenUnreadable: @escaping @Sendable () -> Void = {}
    ) throws -> RTSPPackets {
        try RTSPPackets(
            url: MediaURL("rtsp://u:hunter2@\(host):\(port)/live"),
            options: DemuxerOptions(openTimeout: openTimeout, readTimeout: readTimeout), interrupt: interrupt,
            whenUnreadable: whenUnreadable)
    }

    private func kind(of work: @escaping @Sendable () throws -> Void) async throws -> MediaError.Kind? {
        try await onThread {
            do {
                try work()
                return nil
            } catch let error as MediaError {
                #expect(!error.description.contains("hunter2"))
                return error.kind
            }
        }
    }

    /// The description has no parameter sets here: the first keyframe says what comes.
    @Test(arguments: [1, 7, 100_000]) func picturesComeOutAsTheyWentIn(pieceSize: Int) async throws {
        let sent = (0..<5).map { Self.unit($0, keyframe: $0 == 1) }
        let bytes = Self.framed(sent)
        let camera = try await FakeCamera.start(
            Self.camera {
                stride(from: 0, to: bytes.count, by: pieceSize).map {
                    [UInt8](bytes[$0..<min($0 + pieceSize, bytes.count)])
                }
            })
        try await onThread { [port = camera.port] in
            let packets = try Self.open(port)
            #expect(packets.video.codec == "h264")
            #expect((packets.video.width, packets.video.height) == (1280, 720))
            var received: [EncodedPacket] = []
            while received.count < 4 {
                let packet = try #require(try packets.readPicture())
                if !received.isEmpty || packet.isKeyframe { received.append(packet) }
            }
            #expect(received.map(\.isKeyframe) == [true, false, false, false])
            #expect(received.map(\.bytes) == sent[1...].map { AnnexB.join($0.nalUnits) })
            let times = received.compactMap { $0.presentationTime?.ticks }
            #expect(zip(times, times.dropFirst()).map { $1 - $0 } == [3600, 3600, 3600])
        }
        #expect(camera.asked.prefix(4) == [.options, .describe, .setup, .play])
    }

    private static let describedWithSound =
        description + "m=audio 0 RTP/AVP 0\r\na=control:audio\r\n"

    /// Frames of sound as G.711 has them, of 20 ms each, and reports of both tracks.
    private static func sound(_ numbers: Range<Int>) -> [UInt8] {
        var packetizer = RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0).makePacketizer(
            timestampOffset: 0)
        var bytes: [UInt8] = []
        for number in numbers {
            let frame = [UInt8](repeating: UInt8(number), count: 160)
            for packet in packetizer.packetize(Sample(frame: frame[...], presentationTime: Int64(number) * 160)) {
                packet.appendInterleaved(channel: 2, to: &bytes)
            }
        }
        return bytes
    }

    @Test func soundAndReportsComeOutBesideThePictures() async throws {
        let report = RTCPSenderReport(
            ssrc: 1, ntpTimestamp: NTPTimestamp(rawValue: 7 << 32), rtpTimestamp: 9, packetCount: 0, octetCount: 0)
        let sent =
            RTCPPacket.interleavedCompound([.senderReport(report)], channel: 3)
            + RTCPPacket.interleavedCompound([.senderReport(report)], channel: 1) + Self.sound(0..<2)
            + Self.framed([Self.unit(0, keyframe: true), Self.unit(1, keyframe: false)]) + Self.sound(2..<3)
        let camera = try await FakeCamera.start(
            Self.camera(
                describing: Self.describedWithSound,
                beginning: "url=audio;rtptime=80,url=video;seq=1;rtptime=4294967295"
            ) { [sent] })
        try await onThread { [port = camera.port] in
            let packets = try Self.open(port)
            #expect(packets.sound == RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0))
            var sounds: [SoundFrame] = []
            var (reported, beginnings): ([Bool], [[UInt32]]) = ([], [])
            var pictures = 0
            while sounds.count < 3 || pictures < 2 {
                switch try #require(try packets.read()) {
                case .picture: pictures += 1
                case .sound(let frame): sounds.append(frame)
                case .report(let received, let isSound):
                    #expect(received == report)
                    reported.append(isSound)
                case .begins(let picture, let sound): beginnings.append([picture, sound])
                }
            }
            #expect(sounds.map(\.timestamp) == [0, 160, 320])
            #expect(sounds.map { $0.bytes.first } == [0, 1, 2])
            #expect(reported == [true, false])
            #expect(beginnings == [[.max, 80]])
        }
        #expect(camera.asked.prefix(5) == [.options, .describe, .setup, .setup, .play])
    }

    /// Sound that goes on, for as long as somebody reads it, is no sign of pictures.
    @Test func soundWithoutPicturesTimesOut() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start { request in
            switch request.method {
            case .setup: .bytes([Self.ok(request, ["Session": "1;timeout=2"])])
            // A sign of life, after each second.
            case .options where request.headers["Session"] != nil: .bytes([Self.ok(request), Self.sound(0..<2)])
            default: Self.camera(describing: Self.describedWithSound) { [sent] }(request)
            }
        }
        let heard = Mutex(0)
        let kind = try await kind { [port = camera.port] in
            // Long enough for a busy machine to have read some.
            let packets = try Self.open(port, readTimeout: .seconds(3))
            while true {
                if case .sound = try packets.read() { heard.withLock { $0 += 1 } }
            }
        }
        #expect(kind == .timedOut)
        #expect(heard.withLock { $0 } >= 2)
    }

    /// An answer to what nobody asked does not count as a picture.
    @Test func aCameraThatFallsSilentTimesOut() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start(
            Self.camera { [sent, Array("RTSP/1.0 200 OK\r\nCSeq: 99\r\n\r\n".utf8)] })
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, readTimeout: .milliseconds(300))
            while true { _ = try packets.readPicture() }
        }
        #expect(kind == .timedOut)
    }

    @Test func garbageIsLeftToLibAVFromThenOn() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start { request in
            switch request.method {
            case .setup: .bytes([Self.ok(request, ["Session": "1;timeout=2"])])
            // The sign of life, after a second.
            case .options where request.headers["Session"] != nil:
                .bytes([[UInt8](repeating: 0xFE, count: 100) + Array("\r\n".utf8)])
            default: Self.camera { [sent] }(request)
            }
        }
        let gaveUp = Mutex(false)
        let told: @Sendable () -> Void = { gaveUp.withLock { $0 = true } }
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, whenUnreadable: told)
            while true { _ = try packets.readPicture() }
        }
        #expect(kind == .unsupported)
        #expect(gaveUp.withLock { $0 })
    }

    /// libav decodes what comes until a keyframe does, however late that is.
    @Test func picturesWithoutAKeyframeAreLeftToOthers() async throws {
        let sent = Self.framed((1..<5).map { Self.unit($0, keyframe: false) })
        let camera = try await FakeCamera.start(Self.camera { [sent] })
        let kind = try await kind { [port = camera.port] in
            // Long enough for a busy machine to have read what there is.
            _ = try Self.open(port, openTimeout: .seconds(5))
        }
        #expect(kind == .unsupported)
    }

    @Test func parameterSetsThatCanNotBeReadAreLeftToOthers() async throws {
        let unit = Sample(
            nalUnits: [[0x67, 0xFF][...], Self.pps[...], [0x65, 0x88, 1][...]], presentationTime: 0,
            isRandomAccess: true)
        let sent = Self.framed([unit])
        let camera = try await FakeCamera.start(Self.camera { [sent] })
        let kind = try await kind { [port = camera.port] in _ = try Self.open(port) }
        #expect(kind == .unsupported)
    }

    @Test func whatClosesInsteadOfAnsweringIsLeftToOthers() async throws {
        let camera = try await FakeCamera.start { _ in .close }
        let kind = try await kind { [port = camera.port] in _ = try Self.open(port) }
        #expect(kind == .unsupported)
    }

    /// What is asked after the description depends on how that is understood, and libav may understand it otherwise.
    @Test(arguments: [
        (RTSPMethod.setup, RTSPStatus.notFound, MediaError.Kind.unsupported), (.setup, .forbidden, .unsupported),
        (.play, .notFound, .unsupported), (.play, .forbidden, .unsupported),
        (.describe, .notFound, .notFound), (.describe, .forbidden, .unauthorized),
    ])
    func whatIsRefusedAfterTheDescriptionIsLeftToOthers(
        refused: RTSPMethod, status: RTSPStatus, expected: MediaError.Kind
    ) async throws {
        let others = Self.camera { [] }
        let camera = try await FakeCamera.start { request in
            guard request.method == refused else { return others(request) }
            var response = RTSPResponse(status: status)
            response.headers["CSeq"] = request.headers["CSeq"]
            return .bytes([response.serialized()])
        }
        let kind = try await kind { [port = camera.port] in _ = try Self.open(port) }
        #expect(kind == expected)
    }

    /// Where the name stands for ::1 too, nobody listens there.
    @Test func theAddressesOfANameAreTriedInTurn() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start(Self.camera { [sent] })
        let kind = try await kind { [port = camera.port] in _ = try Self.open(port, host: "localhost").readPicture() }
        #expect(kind == nil)
    }

    @Test func packetsWithoutPicturesTimeOut() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        // Fragments of which none is the first, without end.
        let useless = (0..<2000).map { number -> [UInt8] in
            [0x24, 0, 0, 16, 0x80, 96, UInt8(number >> 8), UInt8(number & 0xFF), 0, 0, 0, 9, 0, 0, 0, 1, 0x7C, 1, 7, 7]
        }
        let camera = try await FakeCamera.start(Self.camera { [sent] + useless })
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, readTimeout: .milliseconds(300))
            while true { _ = try packets.readPicture() }
        }
        #expect(kind == .timedOut)
    }

    @Test func silenceTimesOut() async throws {
        let camera = try await FakeCamera.start { _ in .silence }
        let kind = try await kind { [port = camera.port] in
            _ = try Self.open(port, openTimeout: .milliseconds(200))
        }
        #expect(kind == .timedOut)
    }

    @Test func aWrongPasswordIsSaidAndNotTriedAgain() async throws {
        let camera = try await FakeCamera.start { request in
            var response = RTSPResponse(
                status: .unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"camera\""])
            response.headers["CSeq"] = request.headers["CSeq"]
            return .bytes([response.serialized()])
        }
        let kind = try await kind { [port = camera.port] in _ = try Self.open(port) }
        #expect(kind == .unauthorized)
        #expect(camera.asked == [.options, .options])
    }

    @Test func nobodyThereIsRefused() async throws {
        let camera = try await FakeCamera.start { _ in .silence }
        try await camera.stop()
        let port = camera.port
        let kind = try await kind { _ = try Self.open(port, openTimeout: .seconds(2)) }
        #expect(kind == .refused)
    }

    @Test func readingIsInterrupted() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start(Self.camera { [sent] })
        let flag = InterruptFlag()
        let started = ContinuousClock.now
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, interrupt: flag)
            _ = try packets.readPicture()
            _ = DedicatedThread(name: "interrupt") { flag.interrupt() }
            _ = try packets.readPicture()
        }
        #expect(kind == .interrupted)
        #expect(ContinuousClock.now - started < .seconds(5), "the flag woke it, not the time limit")
    }

    @Test func aCameraThatClosesEndsTheStream() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start { request in
            request.method == .play ? .last([Self.ok(request), sent]) : Self.camera { [] }(request)
        }
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port)
            while true { _ = try packets.readPicture() }
        }
        #expect(kind == .endOfStream)
    }

    /// Bytes that were changed anywhere in what a camera says: its description, its answers, its packets.
    @Test(arguments: 0..<60) func damageNeverTraps(seed: UInt64) async throws {
        let sent = Self.framed((0..<6).map { Self.unit($0, keyframe: $0 % 3 == 0) })
        let generator = Mutex(SeededGenerator(seed: seed))
        @Sendable func damaged(_ bytes: [UInt8], oneIn: Int) -> [UInt8] {
            generator.withLock { generator in
                bytes.map {
                    Int.random(in: 0..<oneIn, using: &generator) == 0
                        ? UInt8.random(in: 0...255, using: &generator) : $0
                }
            }
        }
        let camera = try await FakeCamera.start { request in
            switch request.method {
            case .describe: .bytes([damaged(Self.ok(request, body: Self.description), oneIn: 300)])
            case .play: .last([damaged(Self.ok(request), oneIn: 500), damaged(sent, oneIn: 400)])
            default: .bytes([damaged(Self.ok(request, ["Session": "1"]), oneIn: 500)])
            }
        }
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, openTimeout: .milliseconds(300), readTimeout: .milliseconds(300))
            while true { _ = try packets.readPicture() }
        }
        #expect(kind != nil)
    }

    /// Cameras serve few sessions, and keep one that nobody ended for a minute.
    @Test func aCameraIsToldWhenNobodyWatchesAnyMore() async throws {
        let sent = Self.framed([Self.unit(0, keyframe: true)])
        let camera = try await FakeCamera.start(Self.camera { [sent] })
        let flag = InterruptFlag()
        let kind = try await kind { [port = camera.port] in
            let packets = try Self.open(port, interrupt: flag)
            _ = try packets.readPicture()
            flag.interrupt()
            _ = try packets.readPicture()
        }
        #expect(kind == .interrupted)
        while camera.asked.last != .teardown { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aDamagedPacketCostsItsPictureAlone() async throws {
        var bytes = Self.framed([Self.unit(0, keyframe: true)])
        // An RTP version that is none, and an aggregate without anything in it.
        bytes += [0x24, 0, 0, 12] + [UInt8](repeating: 0, count: 12)
        bytes += [0x24, 0, 0, 13, 0x80, 96, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x18]
        let damaged = bytes + Self.framed([Self.unit(3, keyframe: true)])
        let camera = try await FakeCamera.start(Self.camera { [damaged] })
        try await onThread { [port = camera.port] in
            let packets = try Self.open(port)
            #expect(try packets.readPicture()?.isKeyframe == true)
            #expect(try packets.readPicture()?.bytes == AnnexB.join(Self.unit(3, keyframe: true).nalUnits))
        }
    }
}
