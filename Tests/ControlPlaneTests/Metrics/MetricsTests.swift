import EngineContract
import Foundation
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct PrometheusTextTests {
    /// The escapes and special values of Prometheus's "Exposition formats", text-based format 0.0.4, and its example.
    @Test func labelsAndNumbersAreThoseOfTheFormat() {
        var text = PrometheusText()
        text.add(
            "msdos_file_access_time_seconds", .gauge, "Line\nbreak \\ slash",
            [.init(1.458255915e9, ("path", "C:\\DIR\\FILE.TXT"), ("error", "Cannot find file:\n\"FILE.TXT\""))])
        text.add("metric_without_labels", .counter, "h", [.init(12)])
        text.add("something_weird", .gauge, "h", [.init(.infinity), .init(-.infinity), .init(.nan), .init(0.25)])
        text.add("nothing", .gauge, "h", [])
        #expect(
            text.text == #"""
                # HELP msdos_file_access_time_seconds Line\nbreak \\ slash
                # TYPE msdos_file_access_time_seconds gauge
                msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1458255915
                # HELP metric_without_labels h
                # TYPE metric_without_labels counter
                metric_without_labels 12
                # HELP something_weird h
                # TYPE something_weird gauge
                something_weird +Inf
                something_weird -Inf
                something_weird NaN
                something_weird 0.25

                """#)
    }
}

@Suite struct ProcessUsageTests {
    @Test func theLineOfTheKernelIsReadBehindAnyName() throws {
        // proc(5): utime is field 14, stime 15, rss 24.
        let line = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 100 999999 25 18446744073709551615"
        let usage = try #require(ProcessUsage(stat: line, ticksPerSecond: 100, pageSize: 4096))
        #expect(usage.cpuSeconds == 2 && usage.residentBytes == 102_400)
        for broken in ["", "42 (x", "42 (x) S 1", "42 (x) S 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n"] {
            #expect(ProcessUsage(stat: broken, ticksPerSecond: 100, pageSize: 4096) == nil)
        }
    }

    #if os(Linux)
        @Test func thisProcessHasUsedSomething() throws {
            let usage = try #require(ProcessUsage(pid: Int(ProcessInfo.processInfo.processIdentifier)))
            #expect(usage.residentBytes > 1 << 20 && usage.cpuSeconds > 0)
            #expect(ProcessUsage(pid: -1) == nil)
        }
    #endif
}

@Suite struct MetricsReportTests {
    private func report() throws -> MetricsReport {
        var stored = StoredConfiguration()
        stored.transmissions = [
            try Sample.transmission(
                "t", path: "door", outputs: [["id": "h", "protocol": "hls"], ["id": "r", "protocol": "rtsp"]])
        ]
        stored.cameras = [try Sample.camera("yard")]
        stored.pipelines = [try Sample.pipeline("p", camera: "yard", into: ["t"])]
        let plan = try #require(WorkerPlan(stored, rtspPort: 8554, publishSecret: Array(0...31)).islands.first)
        var state = WorkerState(of: plan.configuration)
        state.pid = 7
        state.restartCount = 2
        var status = RenditionStatus(id: "t:door", state: .live)
        status.framesReceived = 100
        status.framesSent = 90
        status.encodeSeconds = 1.5
        status.delayMilliseconds = 20
        let audio = AudioSummary(codec: "aac", sampleRate: 8000, channels: 1)
        status.sounds = ["door": [SoundStatus(audio, .copied, bitrateKbps: 24)]]
        state.take(.rendition(status))
        var camera = CameraStatus(cameraID: "yard", state: .live)
        camera.losses = CameraLosses(packets: 12, pictures: 3)
        state.take(.camera(camera))
        let readers = ["hlsSession", "hlsSession", "rtspSession"].map { ControlAPI.Endpoint(type: $0, id: $0) }
        let viewers = ["door": ViewerCounts(readers: readers)]
        let reporter = RuntimeReporter(
            stored: stored, engine: .running, demand: ["door": .watched], viewers: viewers, workers: [(plan, state)])
        return MetricsReport(
            engineIsUp: true, engineRestarts: 1, workers: [(plan, state)], viewers: viewers,
            transmissions: stored.transmissions, outputs: reporter.outputs, processes: [])
    }

    @Test func anEncodingThatIsSharedIsCountedOnceAndAViewerForItsProtocol() throws {
        let lines = try report().text.split(separator: "\n").map(String.init)
        for expected in [
            "toposync_engine_up 1", "toposync_engine_restarts_total 1", #"toposync_worker_up{island="t"} 1"#,
            #"toposync_worker_restarts_total{island="t"} 2"#,
            #"toposync_viewers{transmission="door",path="door",protocol="hls"} 2"#,
            #"toposync_viewers{transmission="door",path="door",protocol="rtsp"} 1"#,
            #"toposync_rendition_frames_in_total{transmission="door",path="door"} 100"#,
            #"toposync_rendition_frames_out_total{transmission="door",path="door"} 90"#,
            #"toposync_rendition_encode_seconds_total{transmission="door",path="door"} 1.5"#,
            #"toposync_rendition_delay_seconds{transmission="door",path="door"} 0.02"#,
            #"toposync_output_sound{transmission="door",output="h",codec="aac"} 1"#,
            #"toposync_output_sound_bits_per_second{transmission="door",output="r"} 24000"#,
            #"toposync_camera_packets_lost_total{camera="yard"} 12"#,
            #"toposync_camera_pictures_broken_total{camera="yard"} 3"#,
        ] {
            #expect(lines.contains(expected), "\(expected)")
        }
        #expect(lines.count { $0.hasPrefix("toposync_rendition_frames_out_total{") } == 1)
        // Each output is in one state.
        #expect(lines.count { $0.hasPrefix("toposync_output_state{") && $0.hasSuffix(" 1") } == 2)
    }

    @Test func thereAreOnlySoManySeries() throws {
        var report = try report()
        report.transmissions = try (0..<(MetricsReport.transmissionLimit + 50)).map {
            try Sample.transmission("t\($0)", outputs: [["id": "h", "protocol": "hls"]])
        }
        let samples = report.text.split(separator: "\n").filter { $0.hasPrefix("toposync_viewers{") }
        #expect(samples.count == MetricsReport.transmissionLimit * 4)
    }
}
