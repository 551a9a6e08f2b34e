import COpenBLAS

/// A number that BLAS and LAPACK have routines for: `Float` or `Double`.
///
/// The requirements are the routines themselves, on row-major storage; call them through `Matrix` and `Vectors`.
public protocol BLASScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// `c = alpha · op(a) · op(b) + beta · c` with op(a) m×k and op(b) k×n.
  static func gemm(
    _ transA: Bool, _ transB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>,
    _ lda: Int,
    _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// The upper triangle of `c = alpha · aᵀa + beta · c` with a k×n; of `alpha · aaᵀ` with a n×k when not transposed.
  static func syrk(
    _ transposed: Bool, _ n: Int, _ k: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// The Cholesky factor of the symmetric matrix whose upper triangle `a` holds, in place; 0, or the failing minor.
  static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int

  /// Solves for each of `count` right-hand sides, stored one after the other in `b`, from a factor of `potrf`.
  static func potrs(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>, _ ldb: Int)

  /// The upper triangle of the inverse, in place, from a factor of `potrf`; 0, or the failing minor.
  static func potri(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int
}

// A row-major upper triangle is a column-major lower one, so LAPACK is called as column-major with 'L' and needs no
// transposition.
private let columnMajor = LAPACK_COL_MAJOR
private let lower = CChar(UInt8(ascii: "L"))

extension Float: BLASScalar {
  /// See `BLASScalar`.
  public static func gemm(
    _ transA: Bool, _ transB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>,
    _ lda: Int,
    _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    ThreadPools.capBLASOnce()
    cblas_sgemm(
      CblasRowMajor, transA ? CblasTrans : CblasNoTrans, transB ? CblasTrans : CblasNoTrans, Int32(m),
      Int32(n),
      Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  /// See `BLASScalar`.
  public static func syrk(
    _ transposed: Bool, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ beta: Float,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    ThreadPools.capBLASOnce()
    cblas_ssyrk(
      CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, Int32(n), Int32(k), alpha, a,
      Int32(lda),
      beta, c, Int32(ldc))
  }

  /// See `BLASScalar`.
  public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int) -> Int {
    ThreadPools.capBLASOnce()
    return Int(LAPACKE_spotrf_work(columnMajor, lower, Int32(n), a, Int32(lda)))
  }

  /// See `BLASScalar`.
  public static func potrs(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafeMutablePointer<Float>,
    _ ldb: Int
  ) {
    _ = LAPACKE_spotrs_work(
      columnMajor, lower, Int32(n), Int32(count), a, Int32(lda), b, Int32(ldb))
  }

  /// See `BLASScalar`.
  public static func potri(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ lda: Int) -> Int {
    Int(LAPACKE_spotri_work(columnMajor, lower, Int32(n), a, Int32(lda)))
  }
}

extension Double: BLASScalar {
  /// See `BLASScalar`.
  public static func gemm(
    _ transA: Bool, _ transB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>,
    _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>,
    _ ldc: Int
  ) {
    ThreadPools.capBLASOnce()
    cblas_dgemm(
      CblasRowMajor, transA ? CblasTrans : CblasNoTrans, transB ? CblasTrans : CblasNoTrans, Int32(m),
      Int32(n),
      Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
  }

  /// See `BLASScalar`.
  public static func syrk(
    _ transposed: Bool, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, _ lda: Int,
    _ beta: Double,
    _ c: UnsafeMutablePointer<Double>, _ ldc: Int
  ) {
    ThreadPools.capBLASOnce()
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, Int32(n), Int32(k), alpha, a,
      Int32(lda),
      beta, c, Int32(ldc))
  }

  /// See `BLASScalar`.
  public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    ThreadPools.capBLASOnce()
    return Int(LAPACKE_dpotrf_work(columnMajor, lower, Int32(n), a, Int32(lda)))
  }

  /// See `BLASScalar`.
  public static func potrs(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafeMutablePointer<Double>,
    _ ldb: Int
  ) {
    _ = LAPACKE_dpotrs_work(
      columnMajor, lower, Int32(n), Int32(count), a, Int32(lda), b, Int32(ldb))
  }

  /// See `BLASScalar`.
  public static func potri(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ lda: Int) -> Int {
    Int(LAPACKE_dpotri_work(columnMajor, lower, Int32(n), a, Int32(lda)))
  }
}
