import Foundation
import StreamModel

/// Opens cameras in workers of their own, so that nothing that a camera sends can do harm.
actor CameraTester {
    private let launcher: WorkerLauncher
    private let limit: Duration
    private var running = 0

    static let simultaneousTests = 4
    static let timeout: Duration = .seconds(20)

    init(launcher: WorkerLauncher, timeout: Duration = timeout) {
        self.launcher = launcher
        limit = timeout
    }

    /// Tests a camera; when the task is cancelled, the worker is ended.
    /// - Throws: ``ControlPlaneError/busy(_:)`` while too many tests run.
    func test(_ camera: Camera) async throws(ControlPlaneError) -> CameraTestResult {
        guard running < Self.simultaneousTests else {
            throw .busy(
                CodedMessage(
                    "camera_tests_full",
                    "\(Self.simultaneousTests) cameras are being tested already. Try again in a few seconds.",
                    ["limit": .integer(Self.simultaneousTests)]))
        }
        running += 1
        defer { running -= 1 }
        let log: ChildLog
        do {
            log = try launcher.logs.open(name: "camera-test")
        } catch {
            throw .storeFailed(
                CodedMessage(
                    "no_room_for_test_log", "There is no room for the log of the camera test: \(error).",
                    ["reason": .string("\(error)")]))
        }
        let requestID = UUID().uuidString
        let mailbox = launcher.makeMailbox()
        mailbox.put(.testCamera(requestID: requestID, camera: camera))
        let (answers, answer) = AsyncStream<CameraTestResult>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let seconds = limit.components.seconds
        return await withTaskGroup(of: CameraTestResult?.self) { [launcher, limit] group in
            group.addTask {
                let exit = await WorkerProcess.run(
                    launcher.program, log: log.output, mailbox: mailbox, onStart: { _ in },
                    onEvent: { event in
                        if case .cameraTested(requestID, let result) = event { answer.yield(result.bounded) }
                    })
                answer.finish()
                return CameraTestResult(
                    ok: false,
                    CodedMessage(
                        "camera_test_stopped", "The camera made the test program stop: \(exit).",
                        ["reason": exit.message.json]))
            }
            group.addTask {
                for await result in answers { return result }
                return nil
            }
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return nil }
                return CameraTestResult(
                    ok: false,
                    CodedMessage(
                        "camera_test_timed_out", "The camera gave no picture within \(seconds) seconds.",
                        ["seconds": .integer(Int(seconds))]))
            }
            var result: CameraTestResult?
            while result == nil, let next = await group.next() { result = next }
            mailbox.close()
            group.cancelAll()
            guard !Task.isCancelled, let result else {
                return CameraTestResult(ok: false, CodedMessage("camera_test_broken_off", "The test was broken off."))
            }
            return result
        }
    }
}
