import NIOCore
import StreamProtocols
import Synchronization

@testable import MediaServer

/// Pictures as libx264 sends them, small.
enum TestPicture {
    /// What `ffmpeg -f lavfi -i testsrc2=s=640x360:r=25 -c:v libx264 -profile:v baseline -preset veryfast -tune
    /// zerolatency -f h264` begins with.
    static let baseline = H264ParameterSets(
        sps: [
            0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0xC0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00,
            0x03,
            0x00, 0xCA, 0x3C, 0x58, 0xBA, 0x80,
        ],
        pps: [0x68, 0xCE, 0x0F, 0xC8]
    )

    /// The same without `-profile:v`, at 320x240.
    static let high = H264ParameterSets(
        sps: [
            0x67, 0x64, 0x00, 0x0D, 0xAC, 0xB4, 0x0A, 0x0F, 0xD8, 0x08, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
            0x19,
            0x47, 0x8A, 0x15, 0x50,
        ],
        pps: [0x68, 0xEF, 0x0F, 0xCB]
    )

    static func keyframe(_ timestamp: Int64, sets: H264ParameterSets? = nil, byteCount: Int = 1000) -> Sample {
        let slice = [0x65] + Array(repeating: UInt8(0x88), count: byteCount - 1)
        let nalUnits = (sets?.nalUnits ?? []) + [slice]
        return Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: timestamp, isRandomAccess: true)
    }

    static func picture(_ timestamp: Int64, byteCount: Int = 200) -> Sample {
        let slice = [0x41] + Array(repeating: UInt8(0x9A), count: byteCount - 1)
        return Sample(nalUnits: [slice[...]], presentationTime: timestamp, isRandomAccess: false)
    }

    /// `count` pictures at 25 fps, with a keyframe every `interval` pictures.
    static func sequence(
        _ count: Int,
        from start: Int64 = 0,
        keyframeInterval interval: Int = 25,
        sets: H264ParameterSets? = nil
    ) -> [Sample] {
        (0..<count).map { index in
            let timestamp = start + Int64(index) * 3600
            return index % interval == 0 ? keyframe(timestamp, sets: sets) : picture(timestamp)
        }
    }

    static let format = MediaFormat.h264(baseline)
}

extension HLSMuxer {
    /// Adds a sample as the stream hands it over, which has read what it says of its format.
    mutating func append(_ sample: Sample, track: Int, at wallTime: ProgramDateTime) -> Event? {
        let known = sample.nalUnits.isEmpty ? formats.audio?.media : formats.video?.media
        var media = known ?? MediaFormat(codec: .h265, nalUnits: sample.nalUnits) ?? .h264(nil)
        _ = media.learn(from: sample)
        return append(sample, of: media, track: track, at: wallTime)
    }
}

/// A clock that moves when the test says so.
final class ManualClock: Sendable {
    private struct Sleeper {
        var deadline: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Duration = .seconds(1)
        var wallTime = ProgramDateTime(millisecondsSinceEpoch: 1_800_000_000_000)
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func clock(on eventLoop: any EventLoop) -> EngineClock {
        EngineClock(
            eventLoop: eventLoop,
            now: { self.state.withLock { $0.now } },
            wallTime: { self.state.withLock { $0.wallTime } },
            sleepUntil: { try await self.sleep(until: $0) }
        )
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            state.wallTime = state.wallTime.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Somebody sets the machine's clock.
    func setWallTime(_ time: ProgramDateTime) { state.withLock { $0.wallTime = time } }

    /// Returns when at least `count` sleep.
    func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    private func sleep(until deadline: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isDue, reached) = state.withLock { state in
                    guard deadline > state.now, !Task.isCancelled else {
                        return (true, [CheckedContinuation<Void, Never>]())
                    }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    let reached = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return (false, reached)
                }
                for watcher in reached { watcher.resume() }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
