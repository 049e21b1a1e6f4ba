import Testing

@testable import MediaKit

/// What takes much memory, one after the other: the process's memory is what is measured.
@Suite(.serialized) struct MemoryTests {
    /// Other suites run at the same time and use memory too; a leak of any of these objects exceeds this many times.
    private static let tolerance = 100_000_000

    @Test func hugePicturesAreRefused() async throws {
        try await onThread {
            // 8K is allowed, a little more is not: a JPEG says its size in the stream itself.
            for (width, height, isAllowed) in [(7680, 4320, true), (7680, 4336, false)] {
                let picture = try PlaceholderImage.frame(width: width, height: height, colour: .gray)
                let packet = try EncodedPacket(
                    bytes: JPEGEncoder(quality: 31).encode(picture), isKeyframe: true, presentationTime: nil)
                let decoder = try Decoder(stream: Samples.motionJPEGInfo(width: 320, height: 240))
                let frames = try Samples.decode([packet], with: decoder)
                #expect(frames.count == (isAllowed ? 1 : 0))
                #expect(decoder.corruptCount == (isAllowed ? 0 : 1))
            }
            #expect(
                try errorKind { _ = try Decoder(stream: Samples.motionJPEGInfo(width: 7680, height: 4336)) }
                    == .unsupported)
        }
    }

    /// Each object is made, used and dropped many times over; a frame, a packet or a context that is not freed shows.
    @Test func nothingLeaks() async throws {
        try await onThread {
            func work(_ rounds: Int) throws {
                for round in 0..<rounds {
                    let source = try DemoSource(width: 320, height: 240)
                    let settings = EncoderSettings(width: 160, height: 120, fps: 25, effort: .fastest)
                    let encoder = try Encoder(settings: settings)
                    let decoder = try Decoder(stream: encoder.streamInfo)
                    let scaler = try Scaler(width: 160, height: 120)
                    for number in 0..<50 {
                        let frame = try scaler.scale(source.frame(number: number))
                        let packets = try encoder.encode(
                            frame, presentationTime: source.presentationTime(ofFrame: number))
                        _ = try Samples.decode(packets, with: decoder)
                    }
                    let soundEncoder = try SoundEncoder(
                        SoundEncoderSettings(codec: .aac, sampleRate: 48_000, channelCount: 2))
                    let soundDecoder = try SoundDecoder(
                        SoundStreamInfo(codec: "aac", sampleRate: 48_000, channelCount: 2, extradata: [0x11, 0x90]))
                    let resampler = SoundResampler(sampleRate: 8000, channelCount: 1)
                    for packet in try soundEncoder.encode([Float](repeating: 0.5, count: 200_000)) {
                        let time = packet.presentationTime ?? MediaTime(ticks: 0, timeBase: packet.timeBase)
                        for sound in try soundDecoder.decode(packet.bytes[...], presentationTime: time) {
                            _ = try resampler.convert(sound)
                        }
                    }
                    if round % 10 == 0 {
                        _ = try JPEGEncoder().encode(source.frame(number: 0))
                        _ = try? Demuxer(url: MediaURL("file:///missing"))
                    }
                }
            }
            // Warm caches first.
            try work(20)
            let before = try residentBytes()
            // 3000 frames; of 320x240 each has 115 kB, together 345 MB.
            try work(60)
            let growth = try residentBytes() - before
            #expect(growth < MemoryTests.tolerance)
        }
    }

    @Test func aDemuxerFreesWhatItOpened() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/x.mp4"
            try Samples.write(path, format: .mp4, frames: 30)
            func open(_ count: Int) throws {
                for _ in 0..<count {
                    let demuxer = try Demuxer(url: MediaURL("file://" + path), options: DemuxerOptions(realTime: false))
                    _ = try demuxer.read()
                }
            }
            try open(50)
            let before = (try residentBytes(), try descriptorCount())
            try open(1000)
            #expect(try residentBytes() - before.0 < MemoryTests.tolerance)
            // Other tests run at the same time and have files open too.
            #expect(try descriptorCount() - before.1 < 100)
        }
    }

    private func residentBytes() throws -> Int {
        let fields = String(decoding: try readFile("/proc/self/statm"), as: UTF8.self).split(separator: " ")
        return (Int(fields[1]) ?? 0) * 4096
    }

    private func descriptorCount() throws -> Int {
        try listDirectory("/proc/self/fd").count
    }
}
