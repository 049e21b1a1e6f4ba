import Foundation
import StreamModel
import Testing

@testable import ControlPlane
@testable import MQTTKit

/// What is published for what happens, as a broker and Home Assistant get it.
@Suite("What is published by MQTT") struct MQTTBoardTests {
    private static let discovery = MQTTDiscovery(
        topics: MQTTTopics(prefix: "toposync", discoveryPrefix: "homeassistant", serverID: "1f"),
        server: MQTTServer(version: "1.2", pageURL: "http://192.0.2.5:8100/"))
    private static let yard = MQTTCamera(
        id: "yard", name: "Yard", seesMotion: true, seesThings: true, labels: ["person"])

    private func board(_ cameras: [MQTTCamera] = [yard], isAnnouncing: Bool = true) -> MQTTBoard {
        var board = MQTTBoard(discovery: Self.discovery, isAnnouncing: isAnnouncing)
        _ = board.set(cameras)
        return board
    }

    private func sighting(
        _ id: Int = 7, _ kind: EventKind = .motion, _ label: String? = nil, score: Double = 0.5
    ) -> Sighting {
        Sighting(
            id: id, kind: kind, label: label,
            place: SightingPlace(
                cameraID: "yard", cameraName: "Yard", pipelineID: "p", pipelineName: "P", transmissionID: nil),
            startedAtUnix: 100, seenAtUnix: 101, score: score)
    }

    /// Topics with their texts, those of JSON without.
    private func told(_ messages: [MQTTMessage]) -> [String] {
        messages.map { message in
            let text = String(decoding: message.payload, as: UTF8.self)
            return message.topic + (text.hasPrefix("{") ? "" : "=" + text) + (message.isRetained ? "" : " once")
        }
    }

    private func json(_ messages: [MQTTMessage], _ topic: String) throws -> JSONValue {
        let message = try #require(messages.first { $0.topic == topic })
        return try JSONValue(parsing: message.payload)
    }

    @Test func aBrokerThatKnowsNothingIsToldEverything() throws {
        let everything = board().everything
        #expect(
            told(everything) == [
                "homeassistant/binary_sensor/toposync_1f/connection/config",
                "homeassistant/binary_sensor/toposync_1f/yard_motion/config",
                "homeassistant/binary_sensor/toposync_1f/yard_object_person/config",
                "homeassistant/event/toposync_1f/yard_event/config",
                "homeassistant/image/toposync_1f/yard_image/config",
                "toposync/yard/motion=OFF", "toposync/yard/object/person=OFF", "toposync/status=online",
            ])
        let motion = try json(everything, "homeassistant/binary_sensor/toposync_1f/yard_motion/config")
        #expect(motion["unique_id"] == "toposync_1f_yard_motion" && motion["device_class"] == "motion")
        #expect(motion["state_topic"] == "toposync/yard/motion" && motion["availability_topic"] == "toposync/status")
        #expect(motion["device"]?["via_device"] == "toposync_1f" && motion["device"]?["name"] == "Yard")
        #expect(motion["device"]?["configuration_url"] == "http://192.0.2.5:8100/")
        let own = try json(everything, "homeassistant/binary_sensor/toposync_1f/connection/config")
        #expect(own["device"]?["identifiers"] == ["toposync_1f"] && own["availability_topic"] == nil)
        let person = try json(everything, "homeassistant/binary_sensor/toposync_1f/yard_object_person/config")
        #expect(person["name"] == "Person" && person["device_class"] == "occupancy")
        #expect(
            told(board(isAnnouncing: false).everything) == [
                "toposync/yard/motion=OFF", "toposync/yard/object/person=OFF", "toposync/status=online",
            ])
    }

    @Test func everythingOfManyCamerasFindsRoom() {
        var outbox = MQTTOutbox()
        let cameras = (0..<1000).map { number in
            MQTTCamera(
                id: "camera-\(number)", name: "Camera \(number)", seesMotion: true, seesThings: true,
                labels: Set((0..<10).map { "label \($0)" }))
        }
        for message in board(cameras).everything { outbox.add(message, at: .now) }
        #expect(outbox.count == 24_002 && outbox.lost == 0)
    }

    @Test func anEventSwitchesItsSensorOnAndOff() throws {
        var board = board()
        let first = board.take(.opened(sighting()))
        #expect(told(first) == ["toposync/yard/motion=ON", "toposync/yard/event once", "toposync/events once"])
        #expect(try json(first, "toposync/yard/event")["event_type"] == "motion")
        let news = try json(first, "toposync/events")
        #expect(news["type"] == "new" && news["after"]?["id"] == "7" && news["after"]?["label"] == "motion")
        #expect(news["after"]?["camera"] == "Yard" && news["after"]?["end_time"] == .null)
        #expect(board.take(.opened(sighting())) == [], "told twice")
        // Two at the same time.
        #expect(told(board.take(.opened(sighting(8)))).first == "toposync/yard/event once", "it is on already")
        #expect(told(board.take(.closed(sighting()))) == ["toposync/events once"])
        var over = sighting(8)
        over.endedAtUnix = 120
        let last = board.take(.closed(over))
        #expect(told(last) == ["toposync/yard/motion=OFF", "toposync/events once"])
        let end = try json(last, "toposync/events")
        #expect(end["type"] == "end" && end["before"]?["end_time"] == .null && end["after"]?["end_time"] == 120)
        #expect(board.take(.closed(over)) == [])
    }

    @Test func onlyWhatIsBetterIsNews() throws {
        var board = board()
        _ = board.take(.opened(sighting()))
        #expect(board.take(.updated(sighting())) == [])
        let better = board.take(.updated(sighting(score: 0.9)))
        #expect(try json(better, "toposync/events")["before"]?["score"] == 0.5)
        var withStill = sighting(score: 0.9)
        withStill.hasStill = true
        let pictured = board.take(.updated(withStill))
        #expect(try json(pictured, "toposync/events")["after"]?["has_snapshot"] == true)
        #expect(board.take(.updated(sighting(99))) == [], "of one that is over")
    }

    @Test func aThingThatWasNeverSeenGetsASensorBeforeItsState() {
        var board = board()
        let messages = told(board.take(.opened(sighting(9, .object, "traffic light"))))
        #expect(
            messages.prefix(2) == [
                "homeassistant/binary_sensor/toposync_1f/yard_object_traffic_light/config",
                "toposync/yard/object/traffic_light=ON",
            ])
        #expect(board.set([Self.yard]) == [], "it goes on")
    }

    @Test func aModelMayWriteItWithCapitals() {
        var board = board()
        let messages = told(board.take(.opened(sighting(9, .object, "Person"))))
        #expect(messages == ["toposync/yard/object/person=ON", "toposync/yard/event once", "toposync/events once"])
    }

    @Test func nothingIsLeftOfWhatIsWithdrawn() {
        let kept = board(isAnnouncing: false).withdrawal
        #expect(told(kept) == ["toposync/yard/motion=", "toposync/yard/object/person=", "toposync/yard/image="])
        #expect(told(Array(board().withdrawal.suffix(3))) == told(kept), "entities go before what they show")
    }

    @Test func whatIsGoneIsTakenAway() {
        var board = board()
        var named = Self.yard
        named.labels = []
        #expect(
            told(board.set([named])) == [
                "homeassistant/binary_sensor/toposync_1f/yard_object_person/config=", "toposync/yard/object/person=",
            ])
        #expect(board.set([named]) == [])
        let gone = told(board.set([]))
        #expect(gone.contains("homeassistant/binary_sensor/toposync_1f/yard_motion/config="))
        #expect(gone.contains("toposync/yard/motion=") && gone.contains("toposync/yard/image="))
        #expect(told(board.everything).count == 2 && !board.has("yard"))
    }

    @Test func entitiesOfAnEarlierTimeAreLeftOver() {
        let board = board()
        #expect(board.isLeftOver("homeassistant/binary_sensor/toposync_1f/gone_motion/config"))
        #expect(!board.isLeftOver("homeassistant/binary_sensor/toposync_1f/yard_motion/config"))
        #expect(!board.isLeftOver("homeassistant/binary_sensor/toposync_1f/connection/config"))
        #expect(!board.isLeftOver("homeassistant/binary_sensor/toposync_2e/gone_motion/config"), "of another server")
        #expect(self.board(isAnnouncing: false).isLeftOver("homeassistant/binary_sensor/toposync_1f/connection/config"))
        #expect(board.withdrawal.count == 8 && board.withdrawal.allSatisfy { $0.payload.isEmpty && $0.isRetained })
    }

    @Test func whatGoesOnIsTakenAsItIs() {
        var board = board()
        _ = board.take(.opened(sighting(7)))
        let messages = told(board.take(open: [sighting(8, .object, "person")]))
        #expect(messages.contains("toposync/yard/motion=OFF") && messages.contains("toposync/yard/object/person=ON"))
        #expect(told(board.take(open: [])) == ["toposync/yard/object/person=OFF", "toposync/events once"])
    }

    @Test func levelsOfTopicsAreSafe() {
        #expect(MQTTTopics.key("b3c1-9_A") == "b3c1-9_A")
        #expect(MQTTTopics.key("traffic light") == "traffic_light")
        for text in ["", "a/b", "a+", "#", "Tür", String(repeating: "a", count: 65)] {
            #expect(MQTTTopics.key(text).wholeMatch(of: /x[0-9a-f]{16}/) != nil)
        }
        #expect(MQTTTopics.key("a/b") != MQTTTopics.key("a/c"))
    }

    @Test func camerasAreThoseThatPipelinesLookAt() throws {
        var stored = StoredConfiguration()
        stored.cameras = try ["yard", "door", "plain"].map {
            try Camera(json: ["id": .string($0), "name": .string($0), "url": "demo:"])
        }
        func pipeline(_ camera: String, _ node: JSONValue?) throws -> Pipeline {
            let source: JSONValue = [
                "id": "s", "operator": "camera.source", "config": ["camera_id": .string(camera)],
            ]
            let sink: JSONValue = ["id": "o", "operator": "stream.publish_video", "config": ["transmission_id": "t"]]
            let steps = [source] + [node].compactMap(\.self) + [sink]
            let ids = steps.compactMap { $0["id"]?.stringValue }
            return try Pipeline(json: [
                "name": .string(camera), "nodes": .array(steps),
                "edges": .array(
                    zip(ids, ids.dropFirst()).map { from, to in
                        ["from": ["node": .string(from)], "to": ["node": .string(to)]]
                    }),
            ])
        }
        stored.pipelines = [
            try pipeline("yard", ["id": "m", "operator": "camera.motion_gate"]),
            try pipeline(
                "door", ["id": "d", "operator": "vision.detect", "config": ["categories": ["Person", "dog"]]]),
            try pipeline("plain", nil),
        ]
        let cameras = stored.mqttCameras(seen: ["door": ["Cat", "Dog"], "yard": ["cat"]])
        #expect(
            cameras == [
                MQTTCamera(id: "yard", name: "yard", seesMotion: true),
                MQTTCamera(id: "door", name: "door", seesThings: true, labels: ["person", "dog", "cat"]),
            ])
    }
}
