import Metrics
import NIOConcurrencyHelpers

/// Collects what swift-metrics' callers record and writes it in Prometheus' text format.
final class PrometheusMetrics: MetricsFactory, Sendable {
  private let series = NIOLockedValueBox<[Key: any Series]>([:])

  /// A metric's name with its labels, as written in the text format.
  struct Key: Hashable, Sendable {
    let name: String
    let labels: [String]

    init(_ label: String, _ dimensions: [(String, String)]) {
      name = String(label.map { $0.isLetter || $0.isNumber ? $0 : "_" })
      labels = dimensions.map { key, value in
        let safeKey = String(key.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        let safeValue = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
          "\n", with: "\\n")
        return "\(safeKey)=\"\(safeValue)\""
      }
    }

    func line(_ value: some CustomStringConvertible, suffix: String = "", extra: [String] = []) -> String {
      let all = labels + extra
      return "\(name)\(suffix)\(all.isEmpty ? "" : "{\(all.joined(separator: ","))}") \(value)\n"
    }
  }

  /// Something that can be written out.
  protocol Series: Sendable {
    var type: String { get }
    func lines(_ key: Key) -> String
  }

  private func find<S: Series>(_ label: String, _ dimensions: [(String, String)], make: () -> S) -> S {
    let key = Key(label, dimensions)
    return series.withLockedValue { series in
      if let known = series[key] as? S { return known }
      let new = make()
      series[key] = new
      return new
    }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    find(label, dimensions) { CounterSeries() }
  }

  func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
    -> any FloatingPointCounterHandler
  {
    find(label, dimensions) { GaugeSeries(type: "counter") }
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    find(label, dimensions) { GaugeSeries(type: "gauge") }
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    find(label, dimensions) { HistogramSeries(scale: 1) }
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    find(label + ".seconds", dimensions) { HistogramSeries(scale: 1e-9) }
  }

  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  /// Everything recorded so far, in Prometheus' text format.
  var text: String {
    let all = series.withLockedValue { $0 }
    var text = ""
    for (name, group) in Dictionary(grouping: all, by: \.key.name).sorted(by: { $0.key < $1.key }) {
      text += "# TYPE \(name) \(group[0].value.type)\n"
      for (key, value) in group.sorted(by: { $0.key.labels.joined() < $1.key.labels.joined() }) {
        text += value.lines(key)
      }
    }
    return text
  }
}

private final class CounterSeries: PrometheusMetrics.Series, CounterHandler {
  private let value = NIOLockedValueBox<Int64>(0)
  let type = "counter"
  func increment(by amount: Int64) { value.withLockedValue { $0 &+= amount } }
  func reset() { value.withLockedValue { $0 = 0 } }
  func lines(_ key: PrometheusMetrics.Key) -> String { key.line(value.withLockedValue { $0 }) }
}

private final class GaugeSeries: PrometheusMetrics.Series, MeterHandler, FloatingPointCounterHandler {
  private let value = NIOLockedValueBox<Double>(0)
  let type: String
  init(type: String) { self.type = type }
  func set(_ value: Int64) { self.value.withLockedValue { $0 = Double(value) } }
  func set(_ value: Double) { self.value.withLockedValue { $0 = value } }
  func increment(by amount: Double) { value.withLockedValue { $0 += amount } }
  func decrement(by amount: Double) { value.withLockedValue { $0 -= amount } }
  func reset() { value.withLockedValue { $0 = 0 } }
  func lines(_ key: PrometheusMetrics.Key) -> String { key.line(value.withLockedValue { $0 }) }
}

private final class HistogramSeries: PrometheusMetrics.Series, RecorderHandler, TimerHandler {
  private static let bounds = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  private struct State {
    var counts = [Int](repeating: 0, count: HistogramSeries.bounds.count + 1)
    var sum = 0.0
  }
  private let state = NIOLockedValueBox(State())
  private let scale: Double
  let type = "histogram"

  init(scale: Double) { self.scale = scale }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration)) }
  func record(_ value: Double) {
    let scaled = value * scale
    let bucket = Self.bounds.firstIndex { scaled <= $0 } ?? Self.bounds.count
    state.withLockedValue {
      $0.counts[bucket] += 1
      $0.sum += scaled
    }
  }

  func lines(_ key: PrometheusMetrics.Key) -> String {
    let state = state.withLockedValue { $0 }
    var text = ""
    var total = 0
    for (bound, count) in zip(Self.bounds.map(\.description) + ["+Inf"], state.counts) {
      total += count
      text += key.line(total, suffix: "_bucket", extra: ["le=\"\(bound)\""])
    }
    return text + key.line(state.sum, suffix: "_sum") + key.line(total, suffix: "_count")
  }
}
