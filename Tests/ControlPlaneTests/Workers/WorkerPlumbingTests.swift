import Foundation
import StreamModel
import Testing

@testable import ControlPlane

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite struct WorkerMailboxTests {
    @Test func newerStatesReplaceOlderOnes() throws {
        let mailbox = WorkerMailbox()
        let empty = WorkerConfiguration(cameras: [], pipelines: [], transmissions: [], renditions: [])
        var newer = empty
        newer.cameras = [try Sample.camera("c")]
        mailbox.put(.demand(renditions: ["a"]))
        mailbox.put(.configure(empty))
        mailbox.put(.forceKeyframe(rendition: "a"))
        mailbox.put(.demand(renditions: ["b"]))
        mailbox.put(.configure(newer))
        #expect(
            mailbox.take() == [.configure(newer), .demand(renditions: ["b"]), .forceKeyframe(rendition: "a")])
        #expect(mailbox.take() == [])
    }

    @Test func ofMetadataTheNewestWaits() {
        let mailbox = WorkerMailbox()
        for number in 1...3 { mailbox.put(.postMetadata(transmissionID: "t", json: #"{"n":\#(number)}"#)) }
        #expect(mailbox.take() == [.postMetadata(transmissionID: "t", json: #"{"n":3}"#)])
        #expect(mailbox.take() == [])
    }
}

@Suite struct WorkerStateTests {
    @Test func whatACameraSentIsKnownToTheNextProcess() throws {
        var status = CameraStatus(cameraID: "c", state: .live)
        status.codec = "h264"
        status.access = .libavUDP
        status.sound = "v=0"
        var configuration = WorkerConfiguration(
            cameras: [try Sample.camera("c")], pipelines: [], transmissions: [], renditions: [])
        var state = WorkerState(of: configuration)
        state.take(.camera(status))
        state.take(.camera(CameraStatus(cameraID: "c", state: .lost)))
        state.processEnded()
        #expect(state.cameras.isEmpty)
        #expect(state.completing(configuration).cameraCodecs == ["c": "h264"])
        #expect(state.completing(configuration).cameraAccess == ["c": .libavUDP])
        #expect(state.completing(configuration).cameraSounds == ["c": "v=0"])
        configuration.cameras[0].name = "Door"
        state.configure(configuration)
        #expect(state.completing(configuration).cameraAccess == ["c": .libavUDP])

        var heardOtherwise = configuration
        heardOtherwise.cameras[0].soundTrack = 2
        var same = state
        same.configure(heardOtherwise)
        #expect(same.completing(heardOtherwise).cameraCodecs == ["c": "h264"])
        #expect(same.completing(heardOtherwise).cameraSounds.isEmpty, "it is another track's")

        var moved = configuration
        moved.cameras[0].url = "rtsp://192.0.2.9/elsewhere"
        var other = state
        other.configure(moved)
        #expect(other.completing(moved).cameraAccess.isEmpty, "another camera may be there")
        #expect(other.completing(moved).cameraCodecs.isEmpty)
        #expect(other.completing(moved).cameraSounds.isEmpty)

        configuration.cameras = []
        state.configure(configuration)
        #expect(state.completing(configuration).cameraCodecs.isEmpty)
    }

    @Test func whatStepsFindIsKeptWhileTheyRun() throws {
        let request = try WizardRequest(json: [
            "transmission_id": "t", "camera_id": "c", "preset_id": "motion_gate_stream",
        ])
        var configuration = WorkerConfiguration(
            cameras: [try Sample.camera("c")], pipelines: [Pipeline(name: "p", graph: request.graph(cameraID: "c"))],
            transmissions: [], renditions: [])
        let id = configuration.pipelines[0].id
        func report(_ nodeID: String, of camera: String = "c", ended: Bool = false) -> FindingReport {
            let motion = MotionFinding(
                active: true, score: 7,
                boxes: Array(repeating: PictureBox(left: 0, top: 0, right: 1, bottom: 1), count: 1000),
                isHeld: false)
            return FindingReport(
                pipelineID: id, nodeID: nodeID, cameraID: camera, atUnix: 1,
                findings: ended ? nil : PictureFindings(motion: motion))
        }
        var state = WorkerState(of: configuration)
        state.take(.finding(report("motion")))
        state.take(.finding(report("made up")))
        state.take(.finding(report("stream", of: "other")))
        #expect(state.findings[id]?.keys.sorted() == ["motion"])
        let motion = try #require(state.findings[id]?["motion"]?.findings?.motion)
        #expect(motion.score == 1 && motion.boxes.count == 64, "bounded")
        var ended = state
        ended.take(.finding(report("motion", ended: true)))
        #expect(ended.findings[id]?["motion"] == nil)
        ended = state
        ended.processEnded()
        #expect(ended.findings.isEmpty)
        configuration.pipelines = []
        state.configure(configuration)
        #expect(state.findings.isEmpty)
    }
}

@Suite struct WorkerSilenceTests {
    @Test func aWorkerThatReportsDoesNotHang() {
        var silence = WorkerSilence()
        silence.want(["a", "b"])
        for _ in 0..<20 {
            silence.heard(of: "a")
            silence.heard(of: "b")
            let hangs = silence.look()
            #expect(!hangs)
        }
        // One of them is enough.
        for look in 1...WorkerSilence.lookLimit + 1 {
            silence.heard(of: "a")
            if look == 1 { silence.heard(of: "b") }
            let hangs = silence.look()
            #expect(hangs == (look > WorkerSilence.lookLimit))
        }
    }

    @Test func aMachineThatSleptHasLookedOnlyOnce() {
        var silence = WorkerSilence()
        silence.want(["a"])
        // However long the sleep was, one look is due after it.
        let hangs = silence.look()
        #expect(!hangs)
    }

    @Test func whatIsNotWantedIsNotWaitedFor() {
        var silence = WorkerSilence()
        silence.want(["a"])
        for _ in 0..<WorkerSilence.lookLimit { _ = silence.look() }
        silence.want(["b"])
        silence.heard(of: "a")
        for _ in 0..<WorkerSilence.lookLimit {
            let hangs = silence.look()
            #expect(!hangs)
        }
    }
}

@Suite struct WorkerClaimsTests {
    @Test func aStillIsAJPEGAndACameraTestShowsNoOtherPicture() {
        let jpeg = Data([0xff, 0xd8, 0xff, 0xe0])
        #expect(StillResult(jpeg: jpeg, isLive: true).bounded.jpeg == jpeg)
        #expect(StillResult(jpeg: Data("<html>".utf8), isLive: true).bounded.jpeg == nil)
        #expect(StillResult(jpeg: jpeg + Data(count: 7 << 20), isLive: true).bounded.jpeg == nil)
        var result = CameraTestResult(ok: true, .freeText(String(repeating: "é", count: 5000)))
        result.still = "https://elsewhere/picture"
        result.width = .max
        result.soundTracks = Array(repeating: .freeText(String(repeating: "x", count: 5000)), count: 1000)
        let bounded = result.bounded
        #expect(bounded.still == nil && bounded.message.utf8.count == 1000 && bounded.width == 1 << 24)
        #expect(bounded.soundTracks?.count == 16 && bounded.soundTracks?.first?.text.utf8.count == 1000)
        result.still = "data:image/jpeg;base64,AAAA"
        #expect(result.bounded.still == result.still)
    }

    @Test func soundIsBounded() {
        let long = String(repeating: "a", count: 5000)
        let audio = AudioSummary(codec: long, sampleRate: .max, channels: -1)
        var status = RenditionStatus(id: "r", state: .live)
        let many = Array(repeating: SoundStatus(audio, .copied, bitrateKbps: .infinity), count: 100)
        status.sounds = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("\($0)", many) })
        let sounds = status.bounded.sounds ?? [:]
        #expect(sounds.count == 64)
        #expect(sounds.values.allSatisfy { $0.count == 4 })
        let bounded = sounds.values.flatMap(\.self)
        #expect(bounded.allSatisfy { $0.audio.codec.utf8.count == 100 && $0.bitrateKbps == 0 })
        #expect(bounded.allSatisfy { $0.audio.sampleRate == 1 << 24 && $0.audio.channels == 0 })
        var test = CameraTestResult(ok: true, CodedMessage("camera_works", "fine"))
        test.sound = CodedMessage("camera_sound", long)
        #expect(test.bounded.sound?.text.utf8.count == 1000)
    }

    @Test func sentencesWithinSentencesAreBounded() {
        let long = String(repeating: "a", count: 5000)
        func nested(_ depth: Int) -> CodedMessage {
            CodedMessage("mode", long, depth == 0 ? [:] : ["reason": nested(depth - 1).json])
        }
        var status = RenditionStatus(id: "r", state: .live)
        status.modeReason = CodedMessage(
            "mode", long,
            [
                "text": .string(long), "number": 1, "reason": CodedMessage("copy_demo", "why").json,
                "list": .array(Array(repeating: .string(long), count: 5000)), "other": ["x": .string(long)],
                "deep": nested(100).json,
            ])
        let reason = status.bounded.modeReason
        #expect(reason?.text.utf8.count == 1000)
        #expect(reason?.parameters["text"] == .string(String(repeating: "a", count: 1000)))
        #expect(reason?.parameters["reason"] == CodedMessage("copy_demo", "why").json)
        #expect(reason?.parameters["other"] == .null)
        #expect((reason.map { "\($0.json)".utf8.count } ?? .max) < 50_000)
    }
}

@Suite struct ChildEnvironmentTests {
    @Test func onlyWhatChildrenUseIsPassedOn() {
        let environment = [
            "PATH": "/bin", "TZ": "Europe/Lisbon", "LC_ALL": "C", "LIBVA_DRIVER_NAME": "iHD", "SUPERVISOR_TOKEN": "t",
            "MTX_API": "yes", "AWS_SECRET_ACCESS_KEY": "k", "LD_PRELOAD": "/x.so", "TOPOSYNC_STREAMING_INSTANCE": "i",
            "TOPOSYNC_STREAMING_ENGINE_PATH": "/opt",
        ]
        #expect(
            Set(ChildEnvironment.selected(from: environment).keys)
                == [
                    "PATH", "TZ", "LC_ALL", "LIBVA_DRIVER_NAME", "TOPOSYNC_STREAMING_INSTANCE",
                    "MALLOC_MMAP_THRESHOLD_",
                ])
    }

    @Test func whoeverStartsTheServerDecidesHowMemoryIsKept() {
        #expect(ChildEnvironment.selected(from: [:]) == ["MALLOC_MMAP_THRESHOLD_": "131072"])
        let own = ["MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"]
        #expect(ChildEnvironment.selected(from: own) == own)
    }
}

@Suite(.timeLimit(.minutes(3))) struct ReconcilerTests {
    private actor Work {
        private(set) var passes = 0
        private var isHeld = true
        private var waiter: CheckedContinuation<Void, Never>?

        func pass() async {
            passes += 1
            if isHeld { await withCheckedContinuation { waiter = $0 } }
        }

        func release() {
            isHeld = false
            waiter?.resume()
            waiter = nil
        }
    }

    @Test func whatChangesMeanwhileIsLookedAtOnceMore() async {
        let work = Work()
        let reconciler = Reconciler { await work.pass() }
        await reconciler.settle()
        #expect(await work.passes == 0)
        reconciler.wake()
        #expect(await eventually { await work.passes == 1 })
        for _ in 0..<10 { reconciler.wake() }
        #expect(await work.passes == 1, "one pass at a time")
        await work.release()
        await reconciler.settle()
        #expect(await work.passes == 2, "ten changes are one")
        reconciler.wake()
        await reconciler.settle()
        #expect(await work.passes == 3)
    }
}

@Suite(.timeLimit(.minutes(3))) struct ChildLogTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String, to log: ChildLog) throws { _ = try log.output.writeAll(Array(text.utf8)) }

    private func bytes(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? -1
    }

    @Test func theNewestAreKeptAndOnlyTheUserReadsThem() throws {
        let logs = LogFiles(folder: folder.path, prefix: "worker", kept: 3)
        _ = try folder.write("mediamtx-20200101-000000.log", "other")
        for second in 0..<5 {
            let log = try logs.open(name: "é/../\(5 - second)", at: Date(timeIntervalSince1970: Double(second)))
            try log.output.close()
            let path = try #require(log.path)
            #expect(try folder.mode(String(path.dropFirst(folder.path.count + 1))) == 0o600)
            if second == 0 { _ = try folder.write(String(path.dropFirst(folder.path.count + 1)) + ".1", "older") }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == 4)
        #expect(names.first == "mediamtx-20200101-000000.log")
        #expect(names.dropFirst().map { $0.prefix(13) } == ["worker-_____1", "worker-_____2", "worker-_____3"])
    }

    @Test func whatAChildSaidIsThereAtOnceAndInItsFile() async throws {
        let log = try LogFiles(folder: folder.path, prefix: "worker", kept: 3).open()
        try write("one\ntwo\n", to: log)
        #expect(log.lines() == ["one", "two"])
        #expect(log.lines(bytes: 6) == ["two"])
        try log.output.close()
        let path = try #require(log.path)
        #expect(await eventually { (try? String(contentsOfFile: path, encoding: .utf8)) == "one\ntwo\n" })
    }

    @Test func aChildWithoutAFileIsHeardAllTheSame() throws {
        let log = try LogFiles(folder: folder.path + "/none", prefix: "worker", kept: 3).open()
        #expect(log.path == nil)
        try write("no room\n", to: log)
        #expect(log.lines() == ["no room"])
        try log.output.close()
    }

    @Test func onlyTheEndIsKeptInMemory() async throws {
        let log = try ChildLog(file: nil)
        for number in 0..<20_000 { try write("line \(number)\n", to: log) }
        let lines = log.lines()
        #expect(lines.last == "line 19999")
        #expect(lines.count < 2000 && lines.allSatisfy { $0.hasPrefix("line ") })
        try log.output.close()
    }

    /// Its last words and the end of the pipe come at once.
    @Test func aChildThatWritesAndEndsAtOnceLeavesNothing() async throws {
        weak var left: ChildLog?
        for _ in 0..<50 {
            do {
                let log = try ChildLog(file: nil)
                left = log
                try write("no such luck\n", to: log)
                try log.output.close()
            }
            try #require(await eventually { left == nil })
        }
    }

    @Test func aFileIsBegunAnewBeforeItIsTooLarge() throws {
        let path = folder.path + "/x.log"
        var file = try RotatingFile(path, limit: 100)
        for number in 0..<30 { file.write(Array("line number \(number)\n".utf8)) }
        file.close()
        #expect((1...100).contains(bytes(path)) && (1...100).contains(bytes(path + ".1")))
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("line number 29\n"))
        // It goes on where it was.
        var again = try RotatingFile(path, limit: 100)
        again.write(Array(repeating: 0x61, count: 99))
        again.close()
        #expect(bytes(path) == 99)
    }

    @Test func aChildThatWritesWithoutEndIsCutShort() {
        let start = ContinuousClock.now
        var allowance = LogAllowance()
        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
        var written = 0
        for number in 0..<1000 { written += allowance.take(piece, at: start + .milliseconds(number)).count }
        #expect(written <= LogAllowance.burst + LogAllowance.bytesPerSecond)
        let later = allowance.take([0x62], at: start + .seconds(60))
        #expect(String(decoding: later, as: UTF8.self).contains("bytes were left out"))
    }
}
