import Foundation
import Learning
import MathKernels

/// The search for settings on rows held out, and the fit that follows from it.
struct ChurnStudy {
  private let data: ChurnTable
  private let labels: [Bool]
  private let folds: [Split]
  private let settings: ChurnClassifier.Configuration
  private let context: FitContext
  /// The log-odds of each row by models that have not seen it, for each setting.
  private var linear: [Double: [Double]] = [:]
  private var boosted: [Trees: [Double]] = [:]

  /// The size of an ensemble.
  struct Trees: Hashable {
    var depth: Int
    var rounds: Int
  }

  init(
    _ data: ChurnTable, groups: [Int]?, _ settings: ChurnClassifier.Configuration, _ context: FitContext
  ) {
    self.data = data
    self.settings = settings
    self.context = context
    labels = data.labels.map { $0 == true }
    folds = Self.folds(labels, groups: groups, count: settings.folds, seed: context.seed)
  }

  /// Folds with as many leavers each as possible; groups stay together.
  private static func folds(_ labels: [Bool], groups: [Int]?, count: Int, seed: UInt64) -> [Split] {
    var fold = [Int](repeating: 0, count: labels.count)
    if let groups {
      var names: [Int: Int] = [:]
      let numbered = groups.map { group -> Int in
        if let name = names[group] { return name }
        names[group] = names.count
        return names.count - 1
      }
      let dealt = Splits.kFold(count: names.count, folds: count, seed: seed)
      var foldOf = [Int](repeating: 0, count: names.count)
      for (place, split) in dealt.enumerated() { for group in split.test { foldOf[group] = place } }
      for (row, group) in numbered.enumerated() { fold[row] = foldOf[group] }
    } else {
      for isLeaver in [false, true] {
        let rows = labels.indices.filter { labels[$0] == isLeaver }
        for (place, split) in Splits.kFold(count: rows.count, folds: count, seed: seed).enumerated() {
          for index in split.test { fold[rows[index]] = place }
        }
      }
    }
    return (0..<count).map { place in
      Split(
        training: fold.indices.filter { fold[$0] != place }, test: fold.indices.filter { fold[$0] == place })
    }.filter { !$0.test.isEmpty && !$0.training.isEmpty }
  }

  /// Foretells each row by models that have not seen it.
  mutating func run() async throws {
    for (place, split) in folds.enumerated() {
      let training = data.selecting(split.training)
      let test = data.selecting(split.test)
      let encoding = ChurnEncoding(training, rareBelow: settings.rareBelow)
      let truth = split.training.map { labels[$0] ? 1.0 : 0 }
      if settings.family != .gradientBoosting {
        let (rows, held) = (try encoding.linear(training), try encoding.linear(test))
        for penalty in settings.regularizations {
          let model = try PenalizedLogisticRegression(.init(regularization: penalty)).fit(
            .init(names: encoding.linearNames, features: rows, labels: truth))
          for (index, row) in split.test.enumerated() {
            linear[penalty, default: [Double](repeating: 0, count: data.count)][row] = model.margin(
              held.row(index))
          }
        }
      }
      if settings.family != .logisticRegression {
        try await boost(encoding, training, test, truth, split)
      }
      try context.checkpoint(step: place + 1, of: folds.count + 1)
    }
  }

  private mutating func boost(
    _ encoding: ChurnEncoding, _ training: ChurnTable, _ test: ChurnTable, _ truth: [Double], _ split: Split
  ) async throws {
    let (rows, held) = (try encoding.trees(training), try encoding.trees(test))
    // As many ensembles are averaged as make a difference: what is judged should be what is fitted in the end.
    let ensembles = min(settings.ensembles, 3)
    for (depth, rounds) in settings.rounds.sorted(by: { $0.key < $1.key }) {
      let most = rounds.max() ?? 1
      for number in 0..<ensembles {
        let model = try await boosting(Trees(depth: depth, rounds: most)).fit(
          .init(rows, labels: truth.map(Float.init)),
          context: FitContext(seed: context.seed &+ UInt64(number)))
        for count in rounds {
          let margins = try model.margins(held, rounds: count)
          var found =
            boosted[Trees(depth: depth, rounds: count)] ?? [Double](repeating: 0, count: data.count)
          for (index, row) in split.test.enumerated() {
            found[row] += Double(margins[index]) / Double(ensembles)
          }
          boosted[Trees(depth: depth, rounds: count)] = found
        }
        try Task.checkCancellation()
      }
    }
  }

  private func boosting(_ trees: Trees) -> GradientBoosting {
    let least = labels.count { $0 }
    // A leaf of twenty cases' weight suits thousands of rows; few leavers need smaller ones.
    let weight = min(20, max(1, Double(min(least, labels.count - least)) / 40))
    return GradientBoosting(
      .init(
        rounds: trees.rounds, learningRate: settings.learningRate, maxDepth: trees.depth,
        minChildWeight: weight, subsample: 0.7, columnSample: 0.5, regularization: 5, maxBins: 256))
  }

  private func loss(_ margins: [Double]) -> Double {
    ClassificationMetrics.logLoss(predictions: margins.map(SpecialFunctions.logistic), labels: labels)
  }

  // MARK: What the search chooses

  /// What the families learn from all rows.
  struct Components {
    var encoding: ChurnEncoding
    var penalty: Double?
    var trees: Trees?
    var linear: PenalizedLogisticRegressionModel?
    var ensembles: [GradientBoostingModel] = []
  }

  /// Lets each family that takes part learn from all rows with the settings that were best on held-out ones.
  func components() async throws -> Components {
    var result = Components(encoding: ChurnEncoding(data, rareBelow: settings.rareBelow))
    result.penalty = linear.min { (loss($0.value), $0.key) < (loss($1.value), $1.key) }?.key
    result.trees =
      boosted.min {
        (loss($0.value), $0.key.rounds, $0.key.depth) < (loss($1.value), $1.key.rounds, $1.key.depth)
      }?.key
    let truth = labels.map { $0 ? 1.0 : 0 }
    if let penalty = result.penalty {
      result.linear = try PenalizedLogisticRegression(.init(regularization: penalty)).fit(
        .init(
          names: result.encoding.linearNames, features: try result.encoding.linear(data), labels: truth))
    }
    if let trees = result.trees {
      let rows = try result.encoding.trees(data)
      for number in 0..<settings.ensembles {
        try Task.checkCancellation()
        result.ensembles.append(
          try await boosting(trees).fit(
            .init(rows, labels: truth.map(Float.init)),
            context: FitContext(seed: context.seed &+ UInt64(number))))
      }
    }
    try context.checkpoint(step: folds.count + 1, of: folds.count + 1)
    return result
  }

  /// A family's model of these components; nil when it needs one that is not there.
  func model(_ family: ChurnClassifier.Family, of parts: Components) throws -> ChurnModel? {
    let sum = parts.penalty.flatMap { linear[$0] }
    let trees = parts.trees.flatMap { boosted[$0] }
    let found: (share: Double, margins: [Double])? =
      switch family {
      case .logisticRegression: sum.map { (0, $0) }
      case .gradientBoosting: trees.map { (1, $0) }
      case .combination: mixture(sum, trees)
      }
    guard let found else { return nil }
    let calibration = try PlattScaling(scores: found.margins, labels: labels)
    let validation = found.margins.map { calibration($0) }
    return ChurnModel(
      family: family, encoding: parts.encoding, linear: found.share < 1 ? parts.linear : nil,
      ensembles: found.share > 0 ? parts.ensembles : [], boostingShare: found.share, calibration: calibration,
      baseRate: Double(labels.count { $0 }) / Double(labels.count),
      choice: choice(parts, ClassificationMetrics.logLoss(predictions: validation, labels: labels)),
      validation: validation)
  }

  /// The weight of the trees on a grid that loses least.
  private func mixture(_ sum: [Double]?, _ trees: [Double]?) -> (share: Double, margins: [Double])? {
    guard let sum, let trees else { return nil }
    var best: (share: Double, margins: [Double]) = (0, sum)
    for step in 1...10 {
      let share = Double(step) / 10
      let mixed = zip(sum, trees).map { (1 - share) * $0 + share * $1 }
      if loss(mixed) < loss(best.margins) { best = (share, mixed) }
    }
    return best
  }

  private func choice(_ parts: Components, _ logLoss: Double) -> ChurnModel.Choice {
    var losses: [String: Double] = [:]
    for (penalty, margins) in linear {
      losses["LogisticRegression regularization \(penalty)"] = loss(margins)
    }
    for (trees, margins) in boosted {
      losses["GradientBoosting maxDepth \(trees.depth) rounds \(trees.rounds)"] = loss(margins)
    }
    return ChurnModel.Choice(
      regularization: parts.penalty, maxDepth: parts.trees?.depth, rounds: parts.trees?.rounds,
      folds: folds.count, logLosses: losses, logLoss: logLoss)
  }
}
