import Learning
import MathKernels

/// How data are held out to measure recommenders.
public enum EvaluationProtocol: Sendable, Codable, Equatable {
  /// The last item of each user is the test, the one before it the validation. Users with fewer than three events are learned
  /// from, not measured.
  case leaveOneOut
  /// The newest share of all rows is the test; what each user had before it is the history.
  case temporal(testShare: Double)
  /// Rows are dealt into folds at random; each fold is the test once.
  case kFold(folds: Int)
}

/// A user to measure on.
struct EvaluationCase: Sendable {
  var history: CodedHistory
  var targets: [Int32]
}

/// Data to learn from and the users to measure on afterwards.
struct EvaluationRound: Sendable {
  var training: Interactions
  var cases: [EvaluationCase]
}

extension EvaluationProtocol {
  /// The rounds of the test: fitted on everything that is not held out for it.
  func testRounds(_ data: Interactions, repeatPurchases: RepeatPurchases, seed: UInt64) -> [EvaluationRound] {
    splits(data, back: 0, seed: seed).map { Self.round(data, $0, repeatPurchases) }
  }

  /// The round that tuning measures on: nothing of the test is in it.
  func validationRound(_ data: Interactions, repeatPurchases: RepeatPurchases, seed: UInt64)
    -> EvaluationRound
  {
    switch self {
    case .leaveOneOut:
      return Self.round(data, splits(data, back: 1, seed: seed)[0], repeatPurchases)
    case .temporal, .kFold:
      let training = data.selecting(splits(data, back: 0, seed: seed)[0].training)
      return Self.round(training, splits(training, back: 0, seed: seed)[0], repeatPurchases)
    }
  }

  private func splits(_ data: Interactions, back: Int, seed: UInt64) -> [Split] {
    switch self {
    case .leaveOneOut:
      return [Splits.leaveLastOut(starts: data.userStarts, minimum: 3, back: back)]
    case .temporal(let share):
      guard let cutoff = Splits.cutoff(timestamps: data.timestamp, holdingOut: share) else { return [] }
      return [Splits.temporal(timestamps: data.timestamp, cutoff: cutoff)]
    case .kFold(let folds):
      return Splits.kFold(count: data.count, folds: folds, seed: seed)
    }
  }

  private static func round(
    _ data: Interactions, _ split: Split, _ repeatPurchases: RepeatPurchases
  ) -> EvaluationRound {
    let training = data.selecting(split.training)
    var cases: [EvaluationCase] = []
    var next = 0
    for user in 0..<data.users.count {
      let end = data.userStarts[user + 1]
      var targets: [Int32] = []
      while next < split.test.count, split.test[next] < end {
        let row = split.test[next]
        next += 1
        if data.weight[row] > 0, !targets.contains(data.item[row]) { targets.append(data.item[row]) }
      }
      let rows = training.rows(ofUser: user)
      let history = CodedHistory(
        items: Array(training.item[rows]), weights: training.weight[rows].map { max(0, $0) })
      switch repeatPurchases {
      case .allow: break
      case .never: targets.removeAll { history.items.contains($0) }
      case .only: targets.removeAll { !history.items.contains($0) }
      }
      if !targets.isEmpty, !history.items.isEmpty {
        cases.append(EvaluationCase(history: history, targets: targets))
      }
    }
    return EvaluationRound(training: training, cases: cases)
  }
}
