import Foundation
import Learning
import MathKernels
import Neural
import Synchronization
import Testing

@Suite struct TrainingTests {
  /// Two classes of points that no line divides: inside and outside of a circle.
  struct Circle {
    let inputs: [Float]
    let labels: [Float]

    init(_ count: Int, seed: UInt64) {
      var random = RandomSource(seed: seed)
      var (inputs, labels): ([Float], [Float]) = ([], [])
      for _ in 0..<count {
        let (x, y) = (2 * random.uniform() - 1, 2 * random.uniform() - 1)
        inputs += [Float(x), Float(y)]
        labels.append(x * x + y * y < 0.5 ? 1 : 0)
      }
      (self.inputs, self.labels) = (inputs, labels)
    }
  }

  struct Network: Layer {
    let first: Linear
    let second: Linear

    init(seed: UInt64) throws {
      var random = RandomSource(seed: seed)
      first = try Linear(inputs: 2, outputs: 16, random: &random)
      second = try Linear(inputs: 16, outputs: 1, random: &random)
    }

    func callAsFunction(_ input: Tensor) throws -> Tensor {
      try second(first(input).tanh()).reshaped([-1])
    }

    var parameters: Parameters {
      var all = Parameters()
      all.add("first", first.parameters)
      all.add("second", second.parameters)
      return all
    }
  }

  static func trained(
    seed: UInt64, epochs: Int = 60, patience: Int? = nil, context: FitContext = FitContext()
  ) throws -> (Network, Trainer.Report) {
    let data = Circle(400, seed: 1)
    let held = Circle(200, seed: 2)
    let network = try Network(seed: seed)
    let heldInputs = try Tensor(held.inputs, shape: [200, 2])
    let report = try Trainer(
      .init(epochs: epochs, patience: patience, optimizer: .init(learningRate: 0.03, gradientClip: 5))
    ).train(
      network.parameters, batches: 8, context: context,
      loss: { epoch, batch in
        let rows = Batches(count: 400, size: 50, seed: seed, epoch: epoch).batches[batch]
        let inputs = try Tensor(rows.flatMap { data.inputs[2 * $0...2 * $0 + 1] }, shape: [50, 2])
        return try Losses.binaryCrossEntropy(
          network(inputs), target: Tensor(rows.map { data.labels[$0] }, shape: [50]))
      },
      validation: {
        let scores = try network(heldInputs).floats()
        return ClassificationMetrics.areaUnderROC(
          scores: scores.map(Double.init), labels: held.labels.map { $0 == 1 })
      })
    return (network, report)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func aNetworkLearnsWhatNoLineDivides(seed: UInt64) throws {
    let (_, report) = try Self.trained(seed: seed)
    #expect(report.validation.max() ?? 0 > 0.98)
    #expect(report.losses[59] < report.losses[0] / 2)
  }

  @Test func theSameSeedGivesTheSameNetworkOnAnyNumberOfThreads() throws {
    let first = try Checkpoint(Self.trained(seed: 4, epochs: 5).0.parameters)
    try ThreadPools.setNetworkThreads(3)
    defer { try? ThreadPools.setNetworkThreads(ThreadPools.networkThreads) }
    #expect(try Checkpoint(Self.trained(seed: 4, epochs: 5).0.parameters) == first)
    #expect(try Checkpoint(Self.trained(seed: 5, epochs: 5).0.parameters) != first)
  }

  @Test func trainingStopsWhenValidationNoLongerImprovesAndKeepsTheBest() throws {
    var random = RandomSource(seed: 1)
    let weight = try Initialization.zeros.parameter([1], &random)
    // The loss pulls the weight to 10; validation is best at 3 and gets worse from there on.
    let report = try Trainer(.init(epochs: 1000, patience: 4, optimizer: .init(learningRate: 0.5))).train(
      Parameters([("weight", weight)]), batches: 1, context: FitContext(),
      loss: { _, _ in try ((weight - 10) * (weight - 10)).sum() },
      validation: { -abs(Double(try weight.scalar()) - 3) })
    #expect(report.validation.count == report.bestEpoch + 4)
    let best = try #require(report.validation.max())
    #expect(report.validation[report.bestEpoch - 1] == best)
    let kept = Double(try weight.scalar())
    #expect(-abs(kept - 3) == best)
  }

  @Test func adamMakesTheStepsOfItsPaper() throws {
    var random = RandomSource(seed: 1)
    let weight = try Initialization.zeros.parameter([3], &random)
    try weight.assign([1, -2, 0.5])
    var optimizer = try Adam(
      Parameters([("weight", weight)]), .init(learningRate: 0.1, weightDecay: 0.01, decoupledDecay: true))
    var values = [1.0, -2, 0.5]
    var (mean, square) = ([0.0, 0, 0], [0.0, 0, 0])
    for step in 1...5 {
      try (weight * weight * weight).sum().backward()
      try optimizer.step()
      for index in 0..<3 {
        let slope = 3 * values[index] * values[index]
        mean[index] = 0.9 * mean[index] + 0.1 * slope
        square[index] = 0.999 * square[index] + 0.001 * slope * slope
        let first = mean[index] / (1 - pow(0.9, Double(step)))
        let second = square[index] / (1 - pow(0.999, Double(step)))
        values[index] = values[index] * (1 - 0.1 * 0.01) - 0.1 * first / (second.squareRoot() + 1e-8)
      }
      let found = try weight.floats()
      for index in 0..<3 { #expect(abs(Double(found[index]) - values[index]) < 1e-4) }
    }
    #expect(try weight.gradient == nil)
  }

  @Test func gradientsAreClippedTogether() throws {
    var random = RandomSource(seed: 1)
    let (a, b) = (
      try Initialization.zeros.parameter([1], &random), try Initialization.zeros.parameter([1], &random)
    )
    // With a huge epsilon a step is the mean gradient over epsilon: the clipped lengths can be read off.
    var optimizer = try Adam(
      Parameters([("a", a), ("b", b)]),
      .init(learningRate: 1, firstDecay: 0, secondDecay: 0, epsilon: 1e6, gradientClip: 1))
    try (a * 300 + b * 400).sum().backward()
    try optimizer.step()
    let (first, second) = (try a.scalar() * -1e6, try b.scalar() * -1e6)
    #expect(abs(first - 0.6) < 1e-3)
    #expect(abs(second - 0.8) < 1e-3)
  }

  @Test func aRunReportsEachEpochAndCanBeCancelled() async throws {
    let task = Task {
      let steps = Steps()
      let context = FitContext(onProgress: { progress in
        steps.add(progress.step)
        if progress.step == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      })
      do {
        _ = try Self.trained(seed: 1, context: context)
        return (false, steps.all)
      } catch is CancellationError { return (true, steps.all) }
    }
    let (stopped, steps) = try await task.value
    #expect(stopped)
    #expect(steps == [0, 1, 2, 3])
  }

  @Test func aLossThatIsNotFiniteIsAnError() throws {
    var random = RandomSource(seed: 1)
    let weight = try Initialization.zeros.parameter([1], &random)
    #expect(throws: NeuralError.diverged(epoch: 1, batch: 0)) {
      _ = try Trainer(.init(epochs: 2)).train(
        Parameters([("weight", weight)]), batches: 1, context: FitContext(),
        loss: { _, _ in try weight.logarithm().sum() })
    }
  }

  @Test func checkpointsAreRestoredAsSavedAndRefuseOtherNetworks() throws {
    let (network, _) = try Self.trained(seed: 7, epochs: 2)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let checkpoint = try Checkpoint(network.parameters)
    try checkpoint.write(to: path)
    let other = try Network(seed: 8)
    #expect(try Checkpoint(other.parameters) != checkpoint)
    try Checkpoint(path: path).restore(into: other.parameters)
    #expect(try Checkpoint(other.parameters) == checkpoint)
    let input = try Tensor([0.1, 0.2] as [Float], shape: [1, 2])
    #expect(try other(input).floats() == network(input).floats())
    var random = RandomSource(seed: 1)
    let small = try Linear(inputs: 2, outputs: 1, random: &random)
    #expect(throws: NeuralError.self) { try checkpoint.restore(into: small.parameters) }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: LearningError.self) { try Checkpoint(path: path) }
  }
}

/// Steps in the order in which they were reported.
final class Steps: Sendable {
  private let steps = Mutex<[Int]>([])
  func add(_ step: Int) { steps.withLock { $0.append(step) } }
  var all: [Int] { steps.withLock { $0 } }
}
