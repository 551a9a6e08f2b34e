import Foundation
import Learning
import MathKernels

/// How good a classifier's answers are on texts it has not seen.
///
/// ```swift
/// let evaluation = ClassificationEvaluation(truth: ["a", "b"], answers: ["a", "a"], probabilities: [0.9, 0.6])
/// evaluation.accuracy   // 0.5
/// ```
public struct ClassificationEvaluation: Sendable, Codable, Equatable {
  /// The figures of one class.
  public struct ClassFigures: Sendable, Codable, Equatable {
    /// The class.
    public var label: String
    /// How many texts are of it.
    public var support: Int
    /// The share of the answers with it that are right; NaN is written as 0 when there is no such answer.
    public var precision: Double
    /// The share of its texts that got it as the answer.
    public var recall: Double
    /// The harmonic mean of both.
    public var f1: Double
  }

  /// How many texts there are.
  public let count: Int
  /// The share of right answers.
  public let accuracy: Double
  /// An interval for the accuracy, by Wilson, at 95 %.
  public let accuracyInterval: [Double]
  /// The mean of the classes' F1.
  public let macroF1: Double
  /// The figures of each class that occurs.
  public let classes: [ClassFigures]
  /// How often a class (row) was answered by a class (column), in the order of `classes`.
  public let confusion: [[Int]]
  /// The mean negative logarithm of the probability of the true class, when probabilities of all classes are known.
  public let logLoss: Double?
  /// The expected calibration error of the answers' probabilities over 15 bins.
  public let calibrationError: Double?

  /// Compares answers with the truth.
  ///
  /// - Parameters:
  ///   - probabilities: the stated probability of each answer.
  ///   - truthProbabilities: the stated probability of each true class.
  public init(
    truth: [String], answers: [String], probabilities: [Double]? = nil, truthProbabilities: [Double]? = nil
  ) {
    precondition(truth.count == answers.count, "as many answers as texts are needed")
    let labels = Set(truth).union(answers).sorted()
    let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: labels.count), count: labels.count)
    for (actual, answer) in zip(truth, answers) { confusion[index[actual] ?? 0][index[answer] ?? 0] += 1 }
    count = truth.count
    let right = labels.indices.reduce(0) { $0 + confusion[$1][$1] }
    accuracy = count > 0 ? Double(right) / Double(count) : 0
    accuracyInterval = Self.wilson(right, count)
    classes = labels.enumerated().map { position, label in
      let support = confusion[position].reduce(0, +)
      let answered = confusion.reduce(0) { $0 + $1[position] }
      let hits = Double(confusion[position][position])
      return ClassFigures(
        label: label, support: support, precision: answered > 0 ? hits / Double(answered) : 0,
        recall: support > 0 ? hits / Double(support) : 0,
        f1: support + answered > 0 ? 2 * hits / Double(support + answered) : 0)
    }
    macroF1 = classes.isEmpty ? 0 : classes.reduce(0) { $0 + $1.f1 } / Double(classes.count)
    self.confusion = confusion
    logLoss = truthProbabilities.map { probabilities in
      probabilities.reduce(0) { $0 - log(max($1, 1e-15)) } / Double(max(probabilities.count, 1))
    }
    calibrationError = probabilities.map { probabilities in
      Calibration.expectedError(predictions: probabilities, labels: zip(truth, answers).map { $0 == $1 })
    }
  }

  /// The evaluation of a model on labelled texts.
  public init(of model: LinearTextModel, on texts: [LabelledText]) throws {
    let answers = try model.classify(texts.map(\.text))
    let index = Dictionary(uniqueKeysWithValues: model.labels.enumerated().map { ($1, $0) })
    self.init(
      truth: texts.map(\.label), answers: answers.map(\.label), probabilities: answers.map(\.probability),
      truthProbabilities: zip(texts, answers).map { text, answer in
        index[text.label].map { answer.probabilities[$0] } ?? 0
      })
  }

  private static func wilson(_ hits: Int, _ count: Int) -> [Double] {
    guard count > 0 else { return [0, 1] }
    let (n, z) = (Double(count), 1.959964)
    let p = Double(hits) / n
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return [middle - half, middle + half]
  }
}
