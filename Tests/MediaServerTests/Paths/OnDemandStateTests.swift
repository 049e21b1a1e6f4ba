import TestSupport
import Testing

@testable import MediaServer

@Suite struct OnDemandStateTests {
    private let settings = OnDemandState.Settings(isRestarting: false, closeAfter: .seconds(3))

    @Test func startsOnceAndEndsAfterTheLast() {
        var state = OnDemandState(settings: settings)
        #expect(state.demandBegan() == [.startHook])
        #expect(state.demandBegan() == [])
        state.publisherCame()
        #expect(state.demandEnded() == [])
        #expect(state.demandEnded() == [.schedule(.close, after: .seconds(3))])
        #expect(!state.isIdle)
        #expect(state.timerFired(.close) == [.stopHook])
        #expect(state.isIdle)
    }

    @Test func demandThatReturnsInTimeKeepsTheCommand() {
        var state = OnDemandState(settings: settings)
        _ = state.demandBegan()
        _ = state.demandEnded()
        #expect(state.demandBegan() == [.cancel(.close)])
        // The timer had fired before it was cancelled.
        #expect(state.timerFired(.close) == [])
        #expect(state.isHookRunning)
    }

    @Test func aPublisherThatIsThereNeedsNoCommand() {
        var state = OnDemandState(settings: settings)
        state.publisherCame()
        #expect(state.demandBegan() == [])
        #expect(state.publisherLeft() == [.startHook])
        #expect(state.demandEnded() == [.schedule(.close, after: .seconds(3))])
    }

    @Test func anEarlyExitIsFollowedByTheNextDemand() {
        var state = OnDemandState(settings: settings)
        _ = state.demandBegan()
        #expect(state.hookExited() == [])
        #expect(state.demandBegan() == [.startHook])
    }

    @Test func restartsWhenWanted() {
        var state = OnDemandState(settings: .init(isRestarting: true, closeAfter: .seconds(3)))
        _ = state.demandBegan()
        #expect(state.hookExited() == [.schedule(.restart, after: OnDemandState.restartDelay)])
        #expect(state.demandBegan() == [])
        #expect(state.timerFired(.restart) == [.startHook])
        _ = state.hookExited()
        _ = state.demandEnded()
        #expect(state.demandEnded() == [.schedule(.close, after: .seconds(3))])
        #expect(state.timerFired(.close) == [.cancel(.restart)])
        #expect(state.timerFired(.restart) == [])
        #expect(state.isIdle)
    }

    @Test func exitWhileClosingEndsEverything() {
        var state = OnDemandState(settings: settings)
        _ = state.demandBegan()
        _ = state.demandEnded()
        #expect(state.hookExited() == [.cancel(.close)])
        #expect(state.isIdle)
    }

    @Test func closingStopsTheCommand() {
        var state = OnDemandState(settings: settings)
        _ = state.demandBegan()
        #expect(state.close() == [.cancel(.close), .cancel(.restart), .stopHook])
        #expect(state.close() == [.cancel(.close), .cancel(.restart)])
        #expect(state.demandEnded() == [])
    }

    /// Whatever happens in whatever order, a command runs only while there is demand or the close timer runs, and every
    /// start is answered by one stop or exit.
    @Test func anyOrderOfEvents() {
        var generator = SeededGenerator(seed: 7)
        for isRestarting in [false, true] {
            var state = OnDemandState(settings: .init(isRestarting: isRestarting, closeAfter: .seconds(1)))
            var demand = 0
            var running = 0
            var timers: Set<String> = []
            for _ in 0..<20_000 {
                let actions: [OnDemandState.Action]
                switch Int.random(in: 0..<6, using: &generator) {
                case 0:
                    demand += 1
                    actions = state.demandBegan()
                case 1 where demand > 0:
                    demand -= 1
                    actions = state.demandEnded()
                case 2:
                    state.publisherCame()
                    actions = []
                case 3: actions = state.publisherLeft()
                case 4 where running > 0:
                    running -= 1
                    actions = state.hookExited()
                case 5:
                    guard let name = timers.randomElement(using: &generator) else { continue }
                    timers.remove(name)
                    actions = state.timerFired(name == "close" ? .close : .restart)
                default: continue
                }
                for action in actions {
                    switch action {
                    case .startHook: running += 1
                    case .stopHook: running -= 1
                    case .schedule(let timer, _): timers.insert("\(timer)")
                    case .cancel(let timer): timers.remove("\(timer)")
                    }
                }
                #expect((0...1).contains(running))
                #expect(state.isHookRunning == (running == 1))
                if demand == 0, running == 1 { #expect(timers.contains("close")) }
            }
        }
    }
}
