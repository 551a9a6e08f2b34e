import Foundation
import Learning
import MathKernels
import Neural
import Recommendation
import Testing

@Suite struct ClickModelTests {
  /// Customers and items of hidden tastes: who clicks on what is in the pair, not in either alone.
  static func pairs(seed: UInt64, count: Int = 4000) throws -> ClickDataset {
    var random = RandomSource(seed: seed)
    var tables = (
      ClickTable(fields: ["user", "item", "hour"]), ClickTable(fields: ["user", "item", "hour"])
    )
    for row in 0..<count {
      let (user, item) = (random.index(below: 40), random.index(below: 40))
      let clicked = random.uniform() < (user % 2 == item % 2 ? 0.85 : 0.15)
      let values: [FieldValue] = [
        .category("u\(user)"), .categories(["i\(item)", "all"]), .number(Double(random.index(below: 24))),
      ]
      if row % 5 == 0 {
        try tables.1.append(values, clicked: clicked)
      } else {
        try tables.0.append(values, clicked: clicked)
      }
    }
    return ClickDataset(training: tables.0, validation: tables.1)
  }

  static let small = FieldNetworkConfiguration(
    embeddingSize: 4, hiddenSizes: [8], dropout: 0, epochs: 40, patience: 5, batchSize: 128,
    learningRate: 1e-2)

  /// What every model of clicks must do.
  static func conform<Algorithm: Estimator>(
    _ algorithm: Algorithm, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws where Algorithm.Dataset == ClickDataset, Algorithm.Model: ClickModel {
    let data = try pairs(seed: 1, count: 600)
    let model = try await algorithm.fit(data, context: FitContext(seed: 5))
    let again = try await algorithm.fit(data, context: FitContext(seed: 5))
    let rows = data.training.rows
    let found = try model.probabilities(rows)
    #expect(try again.probabilities(rows) == found, sourceLocation: sourceLocation)
    #expect(found.allSatisfy { $0 > 0 && $0 < 1 }, sourceLocation: sourceLocation)
    for (row, together) in zip(rows.prefix(20), found) {
      #expect(abs(try model.probabilities([row])[0] - together) < 1e-5, sourceLocation: sourceLocation)
    }
    let loaded = try PackedPayload.decode(Algorithm.Model.self, from: PackedPayload.encode(model))
    #expect(try loaded.probabilities(rows) == found, sourceLocation: sourceLocation)
    // What is unknown or missing is borne; a case of another width is not.
    let strange: [[FieldValue]] = [
      [.missing, .missing, .missing], [.category("nobody"), .categories([]), .number(1e300)],
      [.number(-1), .category(""), .category("\u{0}")],
    ]
    #expect(
      try model.probabilities(strange).allSatisfy { $0 > 0 && $0 < 1 }, sourceLocation: sourceLocation)
    #expect(throws: LearningError.self) { try model.probabilities([[.missing]]) }
    #expect(try model.probabilities([]).isEmpty, sourceLocation: sourceLocation)
    try await learnsFromLittle(algorithm)
  }

  private static func learnsFromLittle<Algorithm: Estimator>(_ algorithm: Algorithm) async throws
  where Algorithm.Dataset == ClickDataset, Algorithm.Model: ClickModel {
    let empty = ClickTable(fields: ["user", "item", "hour"])
    await #expect(throws: LearningError.self) {
      _ = try await algorithm.fit(ClickDataset(training: empty), context: FitContext())
    }
    var one = empty
    try one.append([.category("a"), .missing, .number(3)], clicked: true)
    let model = try await algorithm.fit(
      ClickDataset(training: one, validation: one), context: FitContext())
    #expect(try model.probabilities(one.rows)[0].isFinite)
    let data = try pairs(seed: 2, count: 200)
    let other = ClickDataset(training: data.training, validation: ClickTable(fields: ["x"]))
    await #expect(throws: LearningError.self) {
      _ = try await algorithm.fit(other, context: FitContext())
    }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await algorithm.fit(data, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  @Test func logisticRegressionConforms() async throws { try await Self.conform(LogisticRegression()) }
  @Test func factorizationMachineConforms() async throws {
    try await Self.conform(FactorizationMachine(Self.small))
  }
  @Test func deepFMConforms() async throws { try await Self.conform(DeepFM(Self.small)) }
  @Test func boostingConforms() async throws {
    try await Self.conform(
      ClickBoosting(.init(boosting: .init(rounds: 20, minChildWeight: 0, threads: 1))))
  }

  @Test func tablesRefuseRowsOfAnotherWidthAndNumbersThatAreNone() throws {
    var table = ClickTable(fields: ["a", "b"])
    #expect(throws: LearningError.self) { try table.append([.missing], clicked: true) }
    #expect(throws: LearningError.self) { try table.append([.missing, .number(.nan)], clicked: true) }
    #expect(table.count == 0)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func whatIsInThePairIsFoundByMachinesNotByTheLine(seed: UInt64) async throws {
    let data = try Self.pairs(seed: seed)
    let test = try Self.pairs(seed: seed + 100).training
    let context = FitContext(seed: seed)
    func area(_ model: some ClickModel) throws -> Double { try model.evaluate(test)["auc"] ?? .nan }
    let line = try area(await LogisticRegression().fit(data, context: context))
    let machine = try area(await FactorizationMachine(Self.small).fit(data, context: context))
    let deep = try area(await DeepFM(Self.small).fit(data, context: context))
    #expect(abs(line - 0.5) < 0.04)
    #expect(machine > 0.82)
    #expect(deep > 0.82)
  }

  @Test func theLineIsExplainedExactly() async throws {
    let data = try Self.pairs(seed: 4)
    let model = try await LogisticRegression().fit(data, context: FitContext())
    for row in data.training.rows.prefix(50) {
      let explanation = model.explain(row)
      let probability = 1 / (1 + exp(-explanation.total))
      #expect(abs(try model.probabilities([row])[0] - probability) < 1e-5)
      #expect(explanation.contributions.allSatisfy { !$0.feature.isEmpty })
    }
  }

  @Test func treesAreExplainedExactly() async throws {
    let data = try Self.pairs(seed: 4)
    let model = try await ClickBoosting(.init(boosting: .init(rounds: 30, threads: 1))).fit(
      data, context: FitContext())
    for row in data.training.rows.prefix(50) {
      let probability = try 1 / (1 + exp(-model.explain(row).total))
      #expect(abs(try model.probabilities([row])[0] - probability) < 1e-4)
    }
  }

  @Test func followingTheRegularizedLeaderAgreesWithItsPaperByHand() async throws {
    // One feature, two cases, one epoch, by Algorithm 1 of the paper. Both cases are alike, so that order does not matter.
    var table = ClickTable(fields: ["x"])
    try table.append([.category("a")], clicked: true)
    try table.append([.category("a")], clicked: true)
    let model = try await LogisticRegression(
      .init(epochs: 1, learningRate: 0.5, rateOffset: 1, sparsity: 0.1, regularization: 0.3)
    ).fit(ClickDataset(training: table), context: FitContext())
    var (z, n) = (0.0, 0.0)
    func weight() -> Double {
      abs(z) <= 0.1 ? 0 : -(z - (z < 0 ? -0.1 : 0.1)) / ((1 + n.squareRoot()) / 0.5 + 0.3)
    }
    for _ in 0..<2 {
      // The bias goes the same way as the only feature.
      let w = weight()
      let gradient = 1 / (1 + exp(-2 * w)) - 1
      let sigma = ((n + gradient * gradient).squareRoot() - n.squareRoot()) / 0.5
      z += gradient - sigma * w
      n += gradient * gradient
    }
    #expect(abs(model.logits([[.category("a")]])[0] - 2 * weight()) < 1e-6)
    #expect(abs(model.logits([[.missing]])[0] - weight()) < 1e-6)
  }

  @Test func machinesBeatTheLineOnMovieLens() async throws {
    guard let tables = try MovieLensClicks.tables() else { return }
    let data = ClickDataset(training: tables.training, validation: tables.validation)
    let context = FitContext(seed: 1)
    let line = try await LogisticRegression().fit(data, context: context).evaluate(tables.test)
    let settings = FieldNetworkConfiguration(learningRate: 3e-3)
    let machine = try await FactorizationMachine(settings).fit(data, context: context).evaluate(tables.test)
    let auc = { (figures: [String: Double]) in figures["auc"] ?? .nan }
    #expect(auc(line) > 0.83)
    #expect(auc(machine) > auc(line))
    #expect(auc(machine) > 0.845)
    #expect(machine["log_loss"] ?? .nan < line["log_loss"] ?? .nan)
    #expect(machine["ece"] ?? .nan < 0.03)
  }
}

/// MovieLens 100K as clicks: 4 and 5 stars are a yes, 1 and 2 a no, 3 is left out; user and item features; random 8:1:1.
enum MovieLensClicks {
  static func tables() throws -> (training: ClickTable, validation: ClickTable, test: ClickTable)? {
    guard let users = try rows("user"), let items = try rows("item"), let ratings = try rows("inter") else {
      return nil
    }
    let userOf = Dictionary(uniqueKeysWithValues: users.map { ($0[0], $0) })
    let itemOf = Dictionary(uniqueKeysWithValues: items.map { ($0[0], $0) })
    let empty = ClickTable(
      fields: ["user", "item", "age", "gender", "occupation", "zip", "year", "genre"])
    var parts = [empty, empty, empty]
    for (line, rating) in ratings.enumerated() where rating[2] != "3" {
      guard let user = userOf[rating[0]], let item = itemOf[rating[1]], let age = Int(user[1]) else {
        continue
      }
      let part = bucket(UInt64(line))
      try parts[part < 2 ? part : 2].append(
        [
          .category(rating[0]), .category(rating[1]), .category("\(age / 5)"), .category(user[2]),
          .category(user[3]), .category(String(user[4].prefix(2))), .category(item[2]),
          .categories(item[3].split(separator: " ").map(String.init)),
        ], clicked: rating[2] > "3")
    }
    return (parts[2], parts[1], parts[0])
  }

  /// 0 to 9 at random: 0 is the test, 1 the validation.
  private static func bucket(_ line: UInt64) -> Int {
    var z = line &+ 1_000_003 &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % 10)
  }

  private static func rows(_ name: String) throws -> [[String]]? {
    guard let path = MovieLens.path("ml-100k.\(name)") else { return nil }
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
