import Testing

@testable import MediaKit

@Suite(.timeLimit(.minutes(1))) struct EncoderProbeTests {
    private static let hardware = EncoderBackend.allCases.filter { $0 != .cpu }

    @Test func theCPUEncodes() async throws {
        try await onThread { try EncoderProbe.run(.cpu) }
    }

    /// Where the hardware is, this is a test of the hardware.
    @Test(arguments: hardware)
    func hardwareEncodesOrSaysWhyNot(_ backend: EncoderBackend) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let reason = try await onThread { () -> String? in
            do throws(MediaError) {
                try EncoderProbe.run(backend)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(start.duration(to: clock.now) < .seconds(5))
        if let missing = backend.missingDevice {
            #expect(reason == missing)
            #expect(missing.contains("/dev/"))
        } else if let reason {
            #expect(!reason.isEmpty)
        }
    }

    /// libav and the drivers are asked too, not only the list of devices: they refuse without a trap or a leak.
    @Test(arguments: hardware.filter { $0.missingDevice != nil })
    func openingWithoutTheDeviceIsRefused(_ backend: EncoderBackend) async throws {
        let settings = EncoderSettings(width: 640, height: 360, fps: 25)
        try await onThread {
            for _ in 0..<3 {
                #expect(throws: MediaError.self) { try Encoder(settings: settings, backend: backend) }
            }
        }
    }

    @Test func hardwareGetsABitrateInAnyCase() {
        var settings = EncoderSettings(width: 1280, height: 720, fps: 25)
        // 0.15 bit a pixel: 1280 × 720 × 25 × 0.15.
        #expect(settings.hardwareBitrateKbps == 3456)
        #expect(settings.hardwareGroupSize == 50)
        settings.bitrateKbps = 2500
        settings.keyframeInterval = .frames(30)
        #expect(settings.hardwareBitrateKbps == 2500)
        #expect(settings.hardwareGroupSize == 30)
    }
}
