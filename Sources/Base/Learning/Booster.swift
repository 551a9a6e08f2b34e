import CXGBoost
import Foundation

/// An ensemble of trees in XGBoost's memory. Nothing changes it once it is built.
///
/// Sendable although it holds a C pointer: the handle is private and never replaced; `init` is the only place that
/// changes what it points to, and it ends with a prediction, so that XGBoost's lazy configuration has been done before
/// another thread can see the object. After that only predictions run, which XGBoost documents as thread-safe for tree
/// ensembles: their buffers belong to the calling thread. The handle is freed when nobody holds the object any more.
final class Booster: @unchecked Sendable {
  private let handle: BoosterHandle
  private let columnCount: Int

  /// Reads an ensemble from the bytes that `serialized` gave.
  init(serialized: Data, columnCount: Int) throws {
    self.columnCount = columnCount
    var created: BoosterHandle?
    try XGBoost.check(XGBoosterCreate(nil, 0, &created))
    handle = try XGBoost.unwrap(created)
    try serialized.withUnsafeBytes { bytes in
      try XGBoost.check(XGBoosterLoadModelFromBuffer(handle, bytes.baseAddress, bst_ulong(bytes.count)))
    }
    // Callers predict block by block on threads of their own, so one prediction runs on one thread.
    try XGBoost.check(XGBoosterSetParam(handle, "nthread", "1"))
    var features: bst_ulong = 0
    try XGBoost.check(XGBoosterGetNumFeature(handle, &features))
    guard Int(features) == columnCount else {
      throw LearningError.corruptModel(
        reason: "its trees read \(features) features where \(columnCount) are named")
    }
    let zeros = [Float](repeating: 0, count: columnCount)
    _ = try zeros.withUnsafeBufferPointer { try margins($0) }
    _ = try zeros.withUnsafeBufferPointer { try contributions($0) }
  }

  deinit { XGBoosterFree(handle) }

  /// The sum of the leaves for each row; `rounds` takes the first trees alone, 0 takes all.
  func margins(_ rows: UnsafeBufferPointer<Float>, rounds: Int = 0) throws -> [Float] {
    let rowCount = rows.count / columnCount
    guard rowCount > 0 else { return [] }
    let array = """
      {"data":[\(UInt(bitPattern: rows.baseAddress)),true],"shape":[\(rowCount),\(columnCount)],\
      "typestr":"<f4","version":3}
      """
    let request = """
      {"type":1,"training":false,"iteration_begin":0,"iteration_end":\(rounds),"strict_shape":false,\
      "cache_id":0,\
      "missing":NaN}
      """
    var (shape, dimensions, result): (UnsafePointer<bst_ulong>?, bst_ulong, UnsafePointer<Float>?) = (
      nil, 0, nil
    )
    try XGBoost.check(
      XGBoosterPredictFromDense(handle, array, request, nil, &shape, &dimensions, &result))
    return Array(UnsafeBufferPointer(start: result, count: rowCount))
  }

  /// The trees in XGBoost's JSON, with the weight of rows (`cover`) in each node.
  func dump() throws -> [String] {
    var (count, texts): (bst_ulong, UnsafeMutablePointer<UnsafePointer<CChar>?>?) = (0, nil)
    try XGBoost.check(XGBoosterDumpModelEx(handle, "", 1, "json", &count, &texts))
    return (0..<Int(count)).compactMap { index in texts?[index].map { String(cString: $0) } }
  }

  /// The contribution of each column for each row, and the base at the end of each row: `columnCount + 1` numbers a row.
  func contributions(_ rows: UnsafeBufferPointer<Float>) throws -> [Float] {
    let rowCount = rows.count / columnCount
    guard rowCount > 0 else { return [] }
    let matrix = try DataMatrix(rows, columnCount: columnCount, threads: 1)
    let request = """
      {"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false}
      """
    var (shape, dimensions, result): (UnsafePointer<bst_ulong>?, bst_ulong, UnsafePointer<Float>?) = (
      nil, 0, nil
    )
    try XGBoost.check(
      XGBoosterPredictFromDMatrix(handle, matrix.handle, request, &shape, &dimensions, &result))
    return Array(UnsafeBufferPointer(start: result, count: rowCount * (columnCount + 1)))
  }
}

/// The errors of XGBoost's C interface.
enum XGBoost {
  /// Throws what XGBoost says of a call that did not return 0.
  static func check(_ status: CInt) throws {
    guard status != 0 else { return }
    let message = XGBGetLastError().map { String(cString: $0) } ?? "no reason given"
    // The message goes on with a stack trace, which says nothing to a caller.
    let reason = message.split(separator: "\n").first.map(String.init) ?? message
    throw LearningError.libraryFailure(library: "XGBoost", reason: reason)
  }

  /// The handle that a successful call made.
  static func unwrap(_ handle: UnsafeMutableRawPointer?) throws -> UnsafeMutableRawPointer {
    guard let handle else {
      throw LearningError.libraryFailure(library: "XGBoost", reason: "it made no object")
    }
    return handle
  }
}

/// A table in XGBoost's memory; freed with the object.
final class DataMatrix {
  let handle: DMatrixHandle

  init(_ rows: UnsafeBufferPointer<Float>, columnCount: Int, threads: Int) throws {
    var created: DMatrixHandle?
    try XGBoost.check(
      XGDMatrixCreateFromMat_omp(
        rows.baseAddress, bst_ulong(rows.count / columnCount), bst_ulong(columnCount), .nan, &created,
        CInt(threads)))
    handle = try XGBoost.unwrap(created)
  }

  deinit { XGDMatrixFree(handle) }

  func set(_ field: String, _ values: [Float]) throws {
    try XGBoost.check(XGDMatrixSetFloatInfo(handle, field, values, bst_ulong(values.count)))
  }

  func setGroups(_ sizes: [UInt32]) throws {
    try XGBoost.check(XGDMatrixSetUIntInfo(handle, "group", sizes, bst_ulong(sizes.count)))
  }
}

/// An ensemble while it grows; used by one task and thrown away afterwards.
final class GrowingBooster {
  private let handle: BoosterHandle

  init(matrices: [DataMatrix], parameters: [(String, String)]) throws {
    let handles: [DMatrixHandle?] = matrices.map(\.handle)
    var created: BoosterHandle?
    try XGBoost.check(XGBoosterCreate(handles, bst_ulong(handles.count), &created))
    handle = try XGBoost.unwrap(created)
    for (name, value) in parameters { try XGBoost.check(XGBoosterSetParam(handle, name, value)) }
  }

  deinit { XGBoosterFree(handle) }

  func grow(round: Int, on matrix: DataMatrix) throws {
    try XGBoost.check(XGBoosterUpdateOneIter(handle, CInt(round), matrix.handle))
  }

  /// The configured metric on a table after a round.
  func evaluate(round: Int, on matrix: DataMatrix) throws -> Double {
    var handles: [DMatrixHandle?] = [matrix.handle]
    var text: UnsafePointer<CChar>?
    try "validation".withCString { name in
      var names: [UnsafePointer<CChar>?] = [name]
      try XGBoost.check(XGBoosterEvalOneIter(handle, CInt(round), &handles, &names, 1, &text))
    }
    // The answer reads "[12]\tvalidation-logloss:0.1834".
    guard let text, let value = String(cString: text).split(separator: ":").last.flatMap({ Double($0) })
    else {
      throw LearningError.libraryFailure(library: "XGBoost", reason: "its metric cannot be read")
    }
    return value
  }

  /// The bytes of the first rounds.
  func serialized(rounds: Int) throws -> Data {
    var sliced: BoosterHandle?
    try XGBoost.check(XGBoosterSlice(handle, 0, CInt(rounds), 1, &sliced))
    let part = try XGBoost.unwrap(sliced)
    defer { XGBoosterFree(part) }
    var (length, bytes): (bst_ulong, UnsafePointer<CChar>?) = (0, nil)
    try XGBoost.check(XGBoosterSaveModelToBuffer(part, "{\"format\":\"ubj\"}", &length, &bytes))
    guard let bytes else {
      throw LearningError.libraryFailure(library: "XGBoost", reason: "it saved nothing")
    }
    return Data(bytes: bytes, count: Int(length))
  }
}
