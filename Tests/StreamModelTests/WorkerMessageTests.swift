import Foundation
import StreamModel
import Testing

@Suite("Worker messages")
struct WorkerMessageTests {
    private func roundTrip<Message: Codable>(_ message: Message) throws -> Message {
        let line = try JSONEncoder().encode(message)
        #expect(!line.contains(UInt8(ascii: "\n")))
        return try JSONDecoder().decode(Message.self, from: line)
    }

    @Test("an encoding out of range is brought into it")
    func encodingOutOfRange() throws {
        for (width, height, fps) in [(0, -4, 0), (Int.max, Int.max, Int.max), (.min, .min, .min)] {
            let line = """
                {"width": \(width), "height": \(height), "fps": \(fps), "latency_profile": "normal", \
                "resize_mode": "contain", "encoder": "cpu", "placeholder_text": true, \
                "video": {"bitrate_mode": "vbr", "fit": "contain"}}
                """
            let encoding = try JSONDecoder().decode(Encoding.self, from: Data(line.utf8))
            #expect(Resolution.widthRange.contains(encoding.width))
            #expect(Resolution.heightRange.contains(encoding.height))
            #expect(Encoding.fpsRange.contains(encoding.fps))
        }
    }

    @Test("commands survive a round trip on one line")
    func commands() throws {
        let camera = try Camera(json: ["id": "c", "name": "Line\nbreak", "url": "rtsp://u:pw@h/1"])
        let transmission = try Transmission(json: [
            "id": "t", "path": "x", "outputs": [["id": "o", "protocol": "hls"]],
        ])
        let request = try WizardRequest(json: ["transmission_id": "t", "camera_id": "c", "preset_id": "simple_stream"])
        var configuration = WorkerConfiguration(
            cameras: [camera], pipelines: [Pipeline(name: "p", graph: request.graph(cameraID: "c"))],
            transmissions: [transmission],
            renditions: [
                RenditionSpec(
                    id: "t:x", transmissionID: "t", encoding: .standard,
                    targets: [
                        PublishTarget(
                            path: "x", host: "127.0.0.1", port: 8554, username: "u", password: "p",
                            sound: PathSound(AudioSettings(.opus, bitrateKbps: 32, channelCount: 1), for: [.webrtc]))
                    ], webRTC: .takersOfH265)
            ])
        configuration.vision = VisionAssets(runtime: "/lib/ort.so", models: ["yolox_nano": "/models/yolox_nano.onnx"])
        guard case .configure(let read) = try roundTrip(WorkerCommand.configure(configuration)) else {
            Issue.record("another command came back")
            return
        }
        #expect(read.renditions == configuration.renditions)
        #expect(read.cameras[0].password?.exposed == "pw")
        #expect(read.vision == configuration.vision)
        #expect(read.pipelines[0].graph == configuration.pipelines[0].graph)
        for command in [
            WorkerCommand.demand(renditions: ["a", "b"], transmissions: ["t"]),
            .takeStill(requestID: "1", transmissionID: "t", maximumWidth: 640), .forceKeyframe(rendition: "a"),
            .postMetadata(transmissionID: "t", json: #"{"a":"b"}"#),
            .reachHomeAssistant(Secret("http://127.0.0.1:1/key=a/")), .shutdown,
        ] {
            #expect(try roundTrip(command) == command)
        }
    }

    @Test("events survive a round trip, and use the names of the protocol")
    func events() throws {
        var status = RenditionStatus(id: "r", state: .live)
        status.encodeMilliseconds = 2.5
        var result = CameraTestResult(ok: true, CodedMessage("camera_works", "fine", ["a": "b"]))
        result.hasBFrames = false
        result.sound = CodedMessage("camera_sound_none", "No sound")
        let audio = AudioSummary(codec: "aac", sampleRate: 8000, channels: 1)
        result.soundTracks = [audio.described(), audio.described()]
        status.sounds = ["a": [SoundStatus(audio, .encoded, bitrateKbps: 24)]]
        let box = PictureBox(left: 0.25, top: -1, right: 0.5, bottom: 0.1)
        let cat = Detection(label: "cat", labelID: 15, score: 0.5, box: box, modelID: "m")
        let track = TrackedObject(
            trackingID: "trk:c:1-2", sourceTrackingID: "2", cameraID: "c", detection: cat, trackerID: "byte_track",
            metadata: TrackedObject.Metadata(hits: 3, state: .lost), trail: [PicturePoint(x: 0.25, y: 0.5)])
        let finding = FindingReport(
            pipelineID: "p", nodeID: "n", cameraID: "c", atUnix: 1,
            findings: PictureFindings(
                motion: MotionFinding(active: true, score: 0.5, boxes: [box], isHeld: false),
                vision: VisionFinding(
                    task: .detect, modelID: "m", runtime: "onnxruntime",
                    detections: [cat], tracks: [track])))
        for event in [
            WorkerEvent.ready(pid: 7), .rendition(status), .cameraTested(requestID: "q", result),
            .camera(CameraStatus(cameraID: "c", state: .lost, message: "gone")),
            .activeWriter(transmissionID: "t", writerID: nil), .finding(finding),
            .finding(FindingReport(pipelineID: "p", nodeID: "n", cameraID: "c", atUnix: 1, findings: nil)),
        ] {
            #expect(try roundTrip(event) == event)
        }
        #expect(
            try JSONValue(parsing: JSONEncoder().encode(finding))["findings"]?["motion"]
                == ["active": true, "score": 0.5, "bboxes01": [[0.25, 0, 0.5, 0.1]], "hold_active": false])
        #expect(
            try JSONValue(parsing: JSONEncoder().encode(finding))["findings"]?["vision"]?["tracks"] == [
                [
                    "tracking_id": "trk:c:1-2", "source_tracking_id": "2", "camera_id": "c", "label": "cat",
                    "label_id": 15, "score": 0.5, "bbox01": [0.25, 0, 0.5, 0.1], "model_id": "m",
                    "tracker_id": "byte_track", "metadata": ["hits": 3, "state": "lost"], "trail01": [[0.25, 0.5]],
                ]
            ])
        let json = try JSONValue(parsing: JSONEncoder().encode(WorkerEvent.rendition(status)))
        #expect(
            json["event"] == "rendition" && json["status"]?["frames_sent"] == 0 && json["status"]?["encode_ms"] == 2.5)
    }
}
