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
}

@Suite struct WorkerStateTests {
    @Test func whatACameraSentIsKnownToTheNextProcess() throws {
        var status = CameraStatus(cameraID: "c", state: .live)
        status.codec = "h264"
        status.access = .libavUDP
        var state = WorkerState()
        state.take(.camera(status))
        state.take(.camera(CameraStatus(cameraID: "c", state: .lost)))
        state.processEnded()
        #expect(state.cameras.isEmpty)
        var configuration = WorkerConfiguration(
            cameras: [try Sample.camera("c")], pipelines: [], transmissions: [], renditions: [])
        #expect(state.completing(configuration).cameraCodecs == ["c": "h264"])
        #expect(state.completing(configuration).cameraAccess == ["c": .libavUDP])
        let old = configuration
        configuration.cameras[0].name = "Door"
        state.keepOnly(configuration, after: old)
        #expect(state.completing(configuration).cameraAccess == ["c": .libavUDP])

        var moved = configuration
        moved.cameras[0].url = "rtsp://192.0.2.9/elsewhere"
        var other = state
        other.keepOnly(moved, after: configuration)
        #expect(other.completing(moved).cameraAccess.isEmpty, "another camera may be there")
        #expect(other.completing(moved).cameraCodecs.isEmpty)

        configuration.cameras = []
        state.keepOnly(configuration, after: old)
        #expect(state.completing(configuration).cameraCodecs.isEmpty)
    }
}

@Suite struct LogFilesTests {
    @Test func theNewestAreKeptAndOnlyTheUserReadsThem() throws {
        let folder = TemporaryFolder()
        let logs = LogFiles(folder: folder.path, prefix: "worker", kept: 3)
        _ = try folder.write("mediamtx-20200101-000000.log", "other")
        for second in 0..<5 {
            let log = try logs.create(name: "é/../\(5 - second)", at: Date(timeIntervalSince1970: Double(second)))
            try log.file.close()
            #expect(try folder.mode(String(log.path.dropFirst(folder.path.count + 1))) == 0o600)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == 4)
        #expect(names.first == "mediamtx-20200101-000000.log")
        #expect(names.dropFirst().map { $0.prefix(13) } == ["worker-_____1", "worker-_____2", "worker-_____3"])
    }

    @Test func theTailHasOnlyWholeLines() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("x.log", (0..<100).map { "line \($0)" }.joined(separator: "\n") + "\n")
        #expect(LogFiles.tail(path, bytes: 20) == ["line 98", "line 99"])
        #expect(LogFiles.tail(path, bytes: 100_000).count == 100)
        #expect(LogFiles.tail(folder.path + "/none") == [])
    }
}
