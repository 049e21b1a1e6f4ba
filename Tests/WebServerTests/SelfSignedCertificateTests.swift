import ControlPlane
import Foundation
import StreamModel
import SwiftASN1
import Testing
import X509

@testable import WebServer

@Suite("A self-signed certificate")
struct SelfSignedCertificateTests {
    @Test("It is made once, for this machine's names, and its key is for its owner alone")
    func made() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let subject = SelfSignedCertificate(folder: folder.path)
        let start = Date()
        _ = try subject.prepare(names: ["barn.lan", "barn"], now: start)
        func stored() throws -> String { try String(contentsOfFile: subject.files.certificate, encoding: .utf8) }
        let text = try stored()
        let certificate = try Certificate(pemEncoded: text)
        let names = try #require(try certificate.extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName("barn.lan")) && names.contains(.dnsName("localhost")))
        let mode = try FileManager.default.attributesOfItem(atPath: subject.files.key)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        _ = try subject.prepare(names: ["other"], now: start.addingTimeInterval(700 * 86400))
        #expect(try stored() == text)
        // Made anew before it ends, and when the key is another's.
        _ = try subject.prepare(names: ["barn"], now: start.addingTimeInterval(800 * 86400))
        let second = try stored()
        #expect(second != text)
        try "nonsense".write(toFile: subject.files.key, atomically: true, encoding: .utf8)
        _ = try subject.prepare(names: ["barn"], now: start)
        #expect(try stored() != second)
    }

    @Test("A folder that can't be written is named")
    func unwritable() {
        #expect(throws: StartupError.self) { _ = try SelfSignedCertificate(folder: "/dev/null/tls").prepare(names: []) }
    }
}
