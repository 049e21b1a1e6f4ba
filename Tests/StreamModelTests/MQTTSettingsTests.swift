import StreamModel
import Testing

@Suite("MQTT in the settings") struct MQTTSettingsTests {
    private func problems(_ members: JSONValue) -> [String] {
        do {
            _ = try StreamingSettings().patched(with: ["mqtt": members])
            return []
        } catch {
            return (error as? ValidationError)?.issues.map { "\($0.location.last?.text ?? ""): \($0.coded.code)" } ?? []
        }
    }

    @Test("it is off, and has the names that Home Assistant looks for")
    func defaults() {
        let settings = MQTTSettings()
        #expect(!settings.enabled && settings.discovery && settings.port == 1883)
        #expect(settings.topicPrefix == "toposync" && settings.discoveryPrefix == "homeassistant")
    }

    @Test("the password is told to nobody, kept when it is left out, and removed when it is empty")
    func password() throws {
        let first = try StreamingSettings().patched(with: ["mqtt": ["host": "broker", "user": "u", "password": "p"]])
        #expect(first.publicJSON["mqtt"]?["password"] == nil && first.publicJSON["mqtt"]?["password_set"] == true)
        let second = try first.patched(with: ["mqtt": try #require(first.publicJSON["mqtt"])])
        #expect(second == first && second.mqtt.password?.exposed == "p")
        #expect(!"\(first)".contains("\"p\""))
        let third = try first.patched(with: ["mqtt": ["password": ""]])
        #expect(third.mqtt.password == nil && third.mqtt.user == "u")
    }

    @Test("what no topic begins with, and what no broker is called, is refused")
    func refusals() {
        #expect(problems(["topic_prefix": "home/cameras", "host": "fe80::1", "ca_file": "/ssl/ca.pem"]) == [])
        for prefix in ["", "a/+", "#", "/a", "a/", "a//b", "$SYS", "a\u{0}"] {
            #expect(problems(["topic_prefix": .string(prefix)]) == ["topic_prefix: mqtt_prefix"])
        }
        #expect(problems(["discovery_prefix": "#"]) == ["discovery_prefix: mqtt_prefix"])
        #expect(problems(["topic_prefix": "homeassistant"]) == ["topic_prefix: mqtt_prefix_taken"])
        #expect(problems(["topic_prefix": "ha", "discovery_prefix": "ha"]) == ["topic_prefix: mqtt_prefix_taken"])
        #expect(
            problems(["topic_prefix": "homeassistant", "discovery_prefix": "ha"]) == ["topic_prefix: mqtt_prefix_taken"]
        )
        #expect(problems(["host": "mqtt://broker"]) == ["host: host_wrong"])
        #expect(problems(["port": 0]) == ["port: field_too_small"])
        #expect(problems(["ca_file": "ca.pem"]) == ["ca_file: mqtt_ca_file"])
        #expect(problems(["password": "a\nb"]) == ["password: mqtt_text"])
        #expect(problems(["qos": 2]) == ["qos: field_unknown"])
    }
}
