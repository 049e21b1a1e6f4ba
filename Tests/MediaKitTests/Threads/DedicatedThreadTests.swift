import Synchronization
import Testing

@testable import MediaKit

@Suite struct DedicatedThreadTests {
    @Test func joinsAfterTheWork() async throws {
        try await onThread {
            let done = InterruptFlag()
            let thread = DedicatedThread(name: "worker") { done.interrupt() }
            thread.join()
            thread.join()
            #expect(done.isInterrupted)
            #expect(thread.isFinished)
        }
    }

    @Test func tasksAwaitItWithoutBlocking() async {
        let release = InterruptFlag()
        let thread = DedicatedThread(name: "worker") { release.wait(until: .now + .seconds(60)) }
        #expect(!thread.isFinished)
        async let first: Void = thread.completion()
        async let second: Void = thread.completion()
        release.interrupt()
        _ = await (first, second)
        #expect(thread.isFinished)
        await thread.completion()
    }

    @Test func carriesItsName() async throws {
        let name = Mutex("")
        try await onThread {
            let thread = DedicatedThread(name: "demux front door camera") {
                name.withLock { $0 = (try? String(decoding: readFile("/proc/thread-self/comm"), as: UTF8.self)) ?? "" }
            }
            thread.join()
        }
        #expect(name.withLock { $0 } == "demux front doo\n")
    }
}
