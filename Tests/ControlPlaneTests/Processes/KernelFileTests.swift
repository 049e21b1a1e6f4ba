import Foundation
import Testing

@testable import ControlPlane

@Suite struct KernelFileTests {
    @Test func aFileWithoutASizeIsRead() throws {
        let commandLine = try #require(KernelFile.bytes("/proc/self/cmdline"))
        #expect(commandLine.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } == CommandLine.arguments)
        #expect(KernelFile.text("/proc/self/stat")?.hasPrefix("\(getpid()) (") == true)
    }

    @Test func whatIsNotThereIsNil() {
        #expect(KernelFile.bytes("/proc/self/nothing") == nil)
        #expect(KernelFile.text("/proc/self") == nil)
    }

    @Test func aFileWithoutAnEndIsReadInPart() throws {
        let bytes = try #require(KernelFile.bytes("/dev/zero"))
        #expect(bytes.count == KernelFile.limit)
    }
}
