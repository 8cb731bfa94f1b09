using System.Collections.Frozen;

namespace Reft.Python.Library;

/// <summary>
/// Which modules there are in Python, and which names the modules have of which this interpreter has a part: CPython
/// 3.11, SymPy 1.11, NumPy 1.24. So an import binds what it would bind there, and only a use of what is not here ends
/// the program. Made by eng/golden/library_names.py.
/// </summary>
internal static class LibraryNames
{
    private static readonly char[] Blank = [' ', '\n', '\r'];

    private static readonly FrozenSet<string> Known = Words(Modules);

    private static readonly FrozenDictionary<string, (FrozenSet<string> Star, FrozenSet<string> All)> Names = Read();

    private const string Modules = """
        PIL abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit attr audioop babel base64 bdb
        binascii bisect bs4 builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections
        colorsys compileall concurrent configparser constraint contextlib contextvars copy copyreg crypt csv ctypes
        curses cv2 cvxpy dataclasses datetime dateutil dbm decimal difflib dis distutils doctest email encodings
        ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath
        getopt getpass gettext glob gmpy2 graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp
        importlib inflect inspect io ipaddress itertools jax json keyword lib2to3 linecache locale logging lzma
        mailbox mailcap marshal math matplotlib mimetypes mmap modulefinder more_itertools mpmath msilib msvcrt
        multiprocessing netrc networkx nis nltk nntplib nt ntpath nturl2path num2words numba numbers numpy opcode
        operator optparse ortools os ossaudiodev pandas pathlib pdb pickle pickletools pint pipes pkgutil platform
        plistlib plotly poplib portion posix posixpath pprint prettytable profile pstats pty pulp pwd py_compile
        pyclbr pydantic pydoc pydoc_data pyexpat pyspark pytest pytz queue quopri random re readline reprlib
        requests resource rlcompleter runpy sched scipy seaborn secrets select selectors shelve shlex shutil signal
        site six sklearn smtpd smtplib sndhdr socket socketserver sortedcontainers spwd sqlite3 sre_compile
        sre_constants sre_parse ssl stat statistics statsmodels string stringprep struct subprocess sunau sympy
        symtable sys sysconfig syslog tabnanny tabulate tarfile telnetlib tempfile tensorflow termios textwrap this
        threading time timeit tkinter token tokenize tomllib torch tqdm trace traceback tracemalloc tty turtle
        turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg
        winsound word2number wsgiref xdrlib xml xmlrpc yaml z3 zipapp zipfile zipimport zlib zoneinfo
        """;

    /// <summary>A module a paragraph: its name, what <c>import *</c> takes, after a bar what else there is.</summary>
    private const string Members = """
        math: acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp
        exp2 expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm
        ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt tan
        tanh tau trunc ulp |

        fractions: Fraction | Decimal math numbers operator re sys

        decimal: BasicContext Clamped Context ConversionSyntax Decimal DecimalException DecimalTuple DefaultContext
        DivisionByZero DivisionImpossible DivisionUndefined ExtendedContext FloatOperation HAVE_CONTEXTVAR
        HAVE_THREADS Inexact InvalidContext InvalidOperation MAX_EMAX MAX_PREC MIN_EMIN MIN_ETINY Overflow
        ROUND_05UP ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP
        Rounded Subnormal Underflow getcontext localcontext setcontext |

        itertools: accumulate chain combinations combinations_with_replacement compress count cycle dropwhile
        filterfalse groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest |

        functools: WRAPPER_ASSIGNMENTS WRAPPER_UPDATES cache cached_property cmp_to_key lru_cache partial
        partialmethod reduce singledispatch singledispatchmethod total_ordering update_wrapper wraps | GenericAlias
        RLock get_cache_token namedtuple recursive_repr

        collections: ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque namedtuple | abc

        statistics: NormalDist StatisticsError correlation covariance fmean geometric_mean harmonic_mean
        linear_regression mean median median_grouped median_high median_low mode multimode pstdev pvariance
        quantiles stdev variance | Counter Decimal Fraction LinearRegression bisect_left bisect_right defaultdict
        erf exp fabs fsum groupby hypot log math mul namedtuple numbers random reduce repeat sqrt sys tau

        datetime: MAXYEAR MINYEAR UTC date datetime time timedelta timezone tzinfo | datetime_CAPI sys

        operator: abs add and_ attrgetter call concat contains countOf delitem eq floordiv ge getitem gt iadd iand
        iconcat ifloordiv ilshift imatmul imod imul index indexOf inv invert ior ipow irshift is_ is_not isub
        itemgetter itruediv ixor le length_hint lshift lt matmul methodcaller mod mul ne neg not_ or_ pos pow rshift
        setitem sub truediv truth xor |

        heapq: heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest |

        bisect: bisect bisect_left bisect_right insort insort_left insort_right |

        copy: Error copy deepcopy | dispatch_table error

        string: Formatter Template ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits
        printable punctuation whitespace |

        typing: AbstractSet Annotated Any AnyStr AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator
        Awaitable BinaryIO ByteString Callable ChainMap ClassVar Collection Concatenate Container ContextManager
        Coroutine Counter DefaultDict Deque Dict Final ForwardRef FrozenSet Generator Generic Hashable IO ItemsView
        Iterable Iterator KeysView List Literal LiteralString Mapping MappingView Match MutableMapping
        MutableSequence MutableSet NamedTuple Never NewType NoReturn NotRequired Optional OrderedDict ParamSpec
        ParamSpecArgs ParamSpecKwargs Pattern Protocol Required Reversible Self Sequence Set Sized SupportsAbs
        SupportsBytes SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound TYPE_CHECKING Text
        TextIO Tuple Type TypeAlias TypeGuard TypeVar TypeVarTuple TypedDict Union Unpack ValuesView assert_never
        assert_type cast clear_overloads dataclass_transform final get_args get_origin get_overloads get_type_hints
        is_typeddict no_type_check no_type_check_decorator overload reveal_type runtime_checkable | ABCMeta CT_co
        EXCLUDED_ATTRIBUTES GenericAlias KT MethodDescriptorType MethodWrapperType NamedTupleMeta T T_co T_contra VT
        VT_co V_co WrapperDescriptorType abstractmethod collections contextlib defaultdict functools io operator re
        stdlib_re sys types warnings

        dataclasses: Field FrozenInstanceError InitVar KW_ONLY MISSING asdict astuple dataclass field fields
        is_dataclass make_dataclass replace | FunctionType GenericAlias abc builtins copy functools inspect
        itertools keyword re sys types

        random: Random SystemRandom betavariate choice choices expovariate gammavariate gauss getrandbits getstate
        lognormvariate normalvariate paretovariate randbytes randint random randrange sample seed setstate shuffle
        triangular uniform vonmisesvariate weibullvariate | BPF LOG4 NV_MAGICCONST RECIP_BPF SG_MAGICCONST TWOPI

        enum: CONFORM CONTINUOUS EJECT Enum EnumCheck EnumMeta EnumType Flag FlagBoundary IntEnum IntFlag KEEP
        NAMED_FLAGS ReprEnum STRICT StrEnum UNIQUE auto global_enum global_enum_repr global_flag_repr global_str
        member nonmember property unique verify | DynamicClassAttribute MappingProxyType bin bltns reduce
        show_flag_values sys

        abc: ABC ABCMeta abstractclassmethod abstractmethod abstractproperty abstractstaticmethod get_cache_token
        update_abstractmethods |

        calendar: Calendar FRIDAY HTMLCalendar IllegalMonthError IllegalWeekdayError LocaleHTMLCalendar
        LocaleTextCalendar MONDAY SATURDAY SUNDAY THURSDAY TUESDAY TextCalendar WEDNESDAY calendar day_abbr day_name
        firstweekday isleap leapdays month month_abbr month_name monthcalendar monthrange prcal prmonth
        setfirstweekday timegm weekday weekheader | EPOCH February January c datetime different_locale error format
        formatstring main mdays prweek repeat sys week

        numbers: Complex Integral Number Rational Real | ABCMeta abstractmethod

        cmath: acos acosh asin asinh atan atanh cos cosh e exp inf infj isclose isfinite isinf isnan log log10 nan
        nanj phase pi polar rect sin sinh sqrt tan tanh tau |

        collections.abc: AsyncGenerator AsyncIterable AsyncIterator Awaitable ByteString Callable Collection
        Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView
        MutableMapping MutableSequence MutableSet Reversible Sequence Set Sized ValuesView |

        sympy: Abs AccumBounds Add Adjoint AlgebraicField AlgebraicNumber And AppliedPredicate Array
        AssumptionsContext Atom AtomicExpr BasePolynomialError Basic BlockDiagMatrix BlockMatrix CC CRootOf Catalan
        Chi Ci Circle CoercionFailed Complement ComplexField ComplexRegion ComplexRootOf Complexes ComputationFailed
        ConditionSet Contains CosineTransform Curve DeferredVector DenseNDimArray Derivative Determinant DiagMatrix
        DiagonalMatrix DiagonalOf Dict DiracDelta DisjointUnion Domain DomainError DotProduct Dummy E E1 EPath EX
        EXRAW Ei Eijk Ellipse EmptySequence EmptySet Eq Equality Equivalent EulerGamma EvaluationFailed
        ExactQuotientFailed Expr ExpressionDomain ExtraneousFactors FF FF_gmpy FF_python FU FallingFactorial
        FiniteField FiniteSet FlagError Float FourierTransform FractionField Function FunctionClass FunctionMatrix
        GF GMPYFiniteField GMPYIntegerRing GMPYRationalField Ge GeneratorsError GeneratorsNeeded GeometryError
        GoldenRatio GramSchmidt GreaterThan GroebnerBasis Gt HadamardPower HadamardProduct HankelTransform Heaviside
        HeuristicGCDFailed HomomorphismFailed I ITE Id Identity Idx ImageSet ImmutableDenseMatrix
        ImmutableDenseNDimArray ImmutableMatrix ImmutableSparseMatrix ImmutableSparseNDimArray Implies Indexed
        IndexedBase Integer IntegerRing Integers Integral Intersection Interval Inverse InverseCosineTransform
        InverseFourierTransform InverseHankelTransform InverseLaplaceTransform InverseMellinTransform
        InverseSineTransform IsomorphismFailed KroneckerDelta KroneckerProduct LC LM LT Lambda LambertW
        LaplaceTransform Le LessThan LeviCivita Li Limit Line Line2D Line3D Lt MatAdd MatMul MatPow Matrix
        MatrixBase MatrixExpr MatrixPermute MatrixSlice MatrixSymbol Max MellinTransform Min Mod Monomial Mul
        MultivariatePolynomialError MutableDenseMatrix MutableDenseNDimArray MutableMatrix MutableSparseMatrix
        MutableSparseNDimArray N NDimArray Nand Naturals Naturals0 Ne NonSquareMatrixError Nor Not NotAlgebraic
        NotInvertible NotReversible Number NumberSymbol O OmegaPower OneMatrix OperationNotSupported OptionError
        Options Or Order Ordinal POSform Parabola Permanent PermutationMatrix Piecewise Plane Point Point2D Point3D
        PoleError PolificationFailed Poly Polygon PolynomialDivisionFailed PolynomialError PolynomialRing Pow
        PowerSet PrecisionExhausted Predicate Product ProductSet PurePoly PythonFiniteField PythonIntegerRing
        PythonRational Q QQ QQ_I QQ_gmpy QQ_python Quaternion RR Range Rational RationalField Rationals Ray Ray2D
        Ray3D RealField RealNumber Reals RefinementFailed RegularPolygon Rel Rem RisingFactorial RootOf RootSum S
        SOPform Segment Segment2D Segment3D SeqAdd SeqFormula SeqMul SeqPer Set ShapeError Shi Si Sieve
        SineTransform SingularityFunction SparseMatrix SparseNDimArray StrPrinter StrictGreaterThan StrictLessThan
        Subs Sum Symbol SymmetricDifference SympifyError TableForm Trace Transpose Triangle TribonacciConstant Tuple
        Unequality UnevaluatedExpr UnificationFailed Union UnivariatePolynomialError UniversalSet Wild WildFunction
        Xor Ynm Ynm_c ZZ ZZ_I ZZ_gmpy ZZ_python ZeroMatrix Znm abundance acos acosh acot acoth acsc acsch adjoint
        airyai airyaiprime airybi airybiprime algebras apart apart_list appellf1 apply_finite_diff approximants
        are_similar arg arity asec asech asin asinh ask assemble_partfrac_list assoc_laguerre assoc_legendre
        assuming assumptions atan atan2 atanh banded bell bernoulli besseli besselj besselk besselsimp bessely beta
        betainc betainc_regularized binomial binomial_coefficients binomial_coefficients_list block_collapse
        blockcut bool_map bottom_up bspline_basis bspline_basis_set cacheit calculus cancel capture carmichael
        cartes casoratian catalan cbrt ccode ceiling centroid chebyshevt chebyshevt_poly chebyshevt_root chebyshevu
        chebyshevu_poly chebyshevu_root check_assumptions checkodesol checkpdesol checksol classify_ode classify_pde
        closest_points cofactors collect collect_const combsimp comp compose composite compositepi concrete
        conjugate construct_domain content continued_fraction continued_fraction_convergents
        continued_fraction_iterator continued_fraction_periodic continued_fraction_reduce convex_hull convolution
        cos cosh cosine_transform cot coth count_ops count_roots covering_product csc csch cse cxxcode cycle_length
        cyclotomic_poly decompogen decompose default_sort_key deg degree degree_list denom derive_by_array det
        det_quick diag diagonalize_vector dict_merge diff difference_delta differentiate_finite digamma diophantine
        dirichlet_eta discrete discrete_log discriminant div divisor_count divisor_sigma divisors doctest dotprint
        dsolve egyptian_fraction elliptic_e elliptic_f elliptic_k elliptic_pi epath erf erf2 erf2inv erfc erfcinv
        erfi erfinv euler euler_equations evalf evaluate exp exp_polar expand expand_complex expand_func expand_log
        expand_mul expand_multinomial expand_power_base expand_power_exp expand_trig expint exptrigsimp exquo
        external eye factor factor_list factor_nc factor_terms factorial factorial2 factorint factorrat
        failing_assumptions false farthest_points fcode ff fft fibonacci field field_isomorphism filldedent
        finite_diff_weights flatten floor fourier_series fourier_transform fps frac fraction fresnelc fresnels fu
        functions fwht gamma gammasimp gcd gcd_list gcd_terms gcdex gegenbauer genocchi geometry
        get_contraction_structure get_indices gff gff_list glsl_code grevlex grlex groebner ground_roots group
        gruntz hadamard_product half_gcdex hankel1 hankel2 hankel_transform harmonic has_dups has_variety hermite
        hermite_poly hessian hn1 hn2 homogeneous_order horner hyper hyperexpand hypersimilar hypersimp idiff ifft
        ifwht igcd igrevlex igrlex ilcm ilex im imageset init_printing init_session integer_log integer_nthroot
        integrate interactive interactive_traversal interpolate interpolating_poly interpolating_spline
        intersecting_product intersection intervals intt inv_quick inverse_cosine_transform
        inverse_fourier_transform inverse_hankel_transform inverse_laplace_transform inverse_mellin_transform
        inverse_mobius_transform inverse_sine_transform invert is_abundant is_amicable is_convex is_decreasing
        is_deficient is_increasing is_mersenne_prime is_monotonic is_nthpow_residue is_perfect is_primitive_root
        is_quad_residue is_strictly_decreasing is_strictly_increasing is_zero_dimensional isolate isprime
        itermonomials jacobi jacobi_normalized jacobi_poly jacobi_symbol jn jn_zeros jordan_cell jscode julia_code
        kronecker_product kroneckersimp laguerre laguerre_poly lambdify laplace_transform latex lcm lcm_list
        legendre legendre_poly legendre_symbol lerchphi lex li limit limit_seq line_integrate linear_eq_to_matrix
        linsolve list2numpy ln log logcombine loggamma lowergamma lucas maple_code marcumq mathematica_code mathieuc
        mathieucprime mathieus mathieusprime mathml matrix2numpy matrix_multiply_elementwise matrix_symbols maximum
        meijerg mellin_transform memoize_property mersenne_prime_exponent minimal_polynomial minimum minpoly mobius
        mobius_transform mod_inverse monic motzkin multigamma multiline_latex multinomial_coefficients
        multipledispatch multiplicity n_order nan nextprime nfloat nonlinsolve not_empty_in npartitions nroots
        nsimplify nsolve nth_power_roots_poly ntheory nthroot_mod ntt numbered_symbols numer octave_code ode_order
        ones oo ord0 ordered pager_print parallel_poly_from_expr parse_expr parsing partition pde_separate
        pde_separate_add pde_separate_mul pdiv pdsolve per perfect_power periodic_argument periodicity permutedims
        pexquo pi piecewise_exclusive piecewise_fold plot plot_backends plot_implicit plot_parametric plotting
        polar_lift polarify pollard_pm1 pollard_rho poly poly_from_expr polygamma polylog polys posify postfixes
        postorder_traversal powdenest powsimp pprint pprint_try_use_unicode pprint_use_unicode pquo prefixes prem
        preorder_traversal pretty pretty_print preview prevprime prime prime_decomp prime_valuation primefactors
        primenu primeomega primepi primerange primitive primitive_element primitive_root primorial principal_branch
        print_ccode print_fcode print_glsl print_gtk print_jscode print_latex print_maple_code print_mathml
        print_python print_rcode print_tree printing prod product proper_divisor_count proper_divisors public pycode
        python quadratic_congruence quadratic_residues quo rad radsimp randMatrix random_poly randprime
        rational_interpolate ratsimp ratsimpmodprime rcode rcollect re real_root real_roots reduce_abs_inequalities
        reduce_abs_inequality reduce_inequalities reduced reduced_totient refine refine_root register_handler
        release rem remove_handler reshape residue resultant rf riemann_xi ring root rootof roots rot_axis1
        rot_axis2 rot_axis3 rotations round_two rsolve rsolve_hyper rsolve_poly rsolve_ratio rust_code satisfiable
        sec sech separatevars sequence series seterr sfield shape sieve sift sign signsimp simplify simplify_logic
        sin sinc sine_transform singularities singularityintegrate sinh solve solve_linear solve_linear_system
        solve_linear_system_LU solve_poly_inequality solve_poly_system solve_rational_inequalities
        solve_triangulated solve_undetermined_coeffs solve_univariate_inequality solveset source sqf sqf_list
        sqf_norm sqf_part sqrt sqrt_mod sqrt_mod_iter sqrtdenest srepr sring sstr sstrrepr stationary_points
        stieltjes strategies sturm subfactorial subresultants subsets substitution summation swinnerton_dyer_poly
        symarray symbols symmetric_poly symmetrize sympify take tan tanh tensor tensorcontraction tensordiagonal
        tensorproduct terms_gcd test textplot threaded timed to_cnf to_dnf to_nnf to_number_field together
        topological_sort total_degree totient trace trailing transpose tribonacci trigamma trigsimp true trunc
        unbranched_argument unflatten unpolarify uppergamma use utilities var variations vectorize vfield viete
        vring wronskian xfield xring xthreaded yn zeros zeta zoo | SYMPY_DEBUG core integrals logic matrices sets
        solvers testing

        numpy: ALLOW_THREADS AxisError BUFSIZE CLIP ComplexWarning DataSource ERR_CALL ERR_DEFAULT ERR_IGNORE
        ERR_LOG ERR_PRINT ERR_RAISE ERR_WARN FLOATING_POINT_SUPPORT FPE_DIVIDEBYZERO FPE_INVALID FPE_OVERFLOW
        FPE_UNDERFLOW False_ Inf Infinity MAXDIMS MAY_SHARE_BOUNDS MAY_SHARE_EXACT ModuleDeprecationWarning NAN NINF
        NZERO NaN PINF PZERO RAISE RankWarning SHIFT_DIVIDEBYZERO SHIFT_INVALID SHIFT_OVERFLOW SHIFT_UNDERFLOW
        ScalarType TooHardError True_ UFUNC_BUFSIZE_DEFAULT UFUNC_PYVALS_NAME VisibleDeprecationWarning WRAP
        absolute add add_docstring add_newdoc add_newdoc_ufunc all allclose alltrue amax amin angle any append
        apply_along_axis apply_over_axes arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
        argpartition argsort argwhere around array array2string array_equal array_equiv array_repr array_split
        array_str asanyarray asarray asarray_chkfinite ascontiguousarray asfarray asfortranarray asmatrix atleast_1d
        atleast_2d atleast_3d average bartlett base_repr binary_repr bincount bitwise_and bitwise_not bitwise_or
        bitwise_xor blackman block bmat bool_ broadcast broadcast_arrays broadcast_shapes broadcast_to busday_count
        busday_offset busdaycalendar byte byte_bounds bytes_ c_ can_cast cast cbrt cdouble ceil cfloat char
        character chararray choose clip clongdouble clongfloat column_stack common_type compare_chararrays
        complex128 complex256 complex64 complex_ complexfloating compress concatenate conj conjugate convolve copy
        copysign copyto corrcoef correlate cos cosh count_nonzero cov cross csingle ctypeslib cumprod cumproduct
        cumsum datetime64 datetime_as_string datetime_data deg2rad degrees delete deprecate deprecate_with_doc diag
        diag_indices diag_indices_from diagflat diagonal diff digitize disp divide divmod dot double dsplit dstack
        dtype e ediff1d einsum einsum_path emath empty empty_like equal errstate euler_gamma exp exp2 expand_dims
        expm1 extract eye fabs fastCopyAndTranspose fft fill_diagonal find_common_type finfo fix flatiter
        flatnonzero flexible flip fliplr flipud float128 float16 float32 float64 float_ float_power floating floor
        floor_divide fmax fmin fmod format_float_positional format_float_scientific format_parser frexp from_dlpack
        frombuffer fromfile fromfunction fromiter frompyfunc fromregex fromstring full full_like gcd generic
        genfromtxt geomspace get_array_wrap get_include get_printoptions getbufsize geterr geterrcall geterrobj
        gradient greater greater_equal half hamming hanning heaviside histogram histogram2d histogram_bin_edges
        histogramdd hsplit hstack hypot i0 identity iinfo imag in1d index_exp indices inexact inf info infty inner
        insert int16 int32 int64 int8 int_ intc integer interp intersect1d intp invert is_busday isclose iscomplex
        iscomplexobj isfinite isfortran isin isinf isnan isnat isneginf isposinf isreal isrealobj isscalar issctype
        issubclass_ issubdtype issubsctype iterable ix_ kaiser kron lcm ldexp left_shift less less_equal lexsort
        linalg linspace little_endian load loadtxt log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
        logical_or logical_xor logspace longcomplex longdouble longfloat longlong lookfor ma mask_indices mat math
        matmul matrix maximum maximum_sctype may_share_memory mean median memmap meshgrid mgrid min_scalar_type
        minimum mintypecode mod modf moveaxis msort multiply nan nan_to_num nanargmax nanargmin nancumprod nancumsum
        nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar nbytes ndarray
        ndenumerate ndim ndindex nditer negative nested_iters newaxis nextafter nonzero not_equal number obj2sctype
        object_ ogrid ones ones_like outer packbits pad partition percentile pi piecewise place poly poly1d polyadd
        polyder polydiv polyfit polyint polymul polysub polyval positive power printoptions prod product
        promote_types ptp put put_along_axis putmask quantile r_ rad2deg radians random ravel ravel_multi_index real
        real_if_close rec recarray recfromcsv recfromtxt reciprocal record remainder repeat require reshape resize
        result_type right_shift rint roll rollaxis roots rot90 round_ row_stack s_ safe_eval save savetxt savez
        savez_compressed sctype2char sctypeDict sctypes searchsorted select set_numeric_ops set_printoptions
        set_string_function setbufsize setdiff1d seterr seterrcall seterrobj setxor1d shape shares_memory short
        show_config show_runtime sign signbit signedinteger sin sinc single singlecomplex sinh size sometrue sort
        sort_complex source spacing split sqrt square squeeze stack std str_ string_ subtract sum swapaxes take
        take_along_axis tan tanh tensordot tile timedelta64 trace tracemalloc_domain transpose trapz tri tril
        tril_indices tril_indices_from trim_zeros triu triu_indices triu_indices_from true_divide trunc typecodes
        typename ubyte ufunc uint uint16 uint32 uint64 uint8 uintc uintp ulonglong unicode_ union1d unique
        unpackbits unravel_index unsignedinteger unwrap ushort vander var vdot vectorize void vsplit vstack where
        who zeros zeros_like | Tester abs compat kernel_version lib max min numarray oldnumeric polynomial round
        test testing use_hugepage version
        """;

    /// <summary>Whether such a module exists, in the standard library or among those that programs commonly use.</summary>
    public static bool HasModule(string module) => Known.Contains(module.Split('.')[0]);

    /// <summary>Whether a module that is here in part has the name in Python; null where its names are not known.</summary>
    public static bool? Has(string module, string name) => Names.TryGetValue(module, out var names) ? names.All.Contains(name) : null;

    /// <summary>The names that <c>from module import *</c> binds, or null where they are not known.</summary>
    public static IReadOnlySet<string>? Star(string module) => Names.TryGetValue(module, out var names) ? names.Star : null;

    private static FrozenSet<string> Words(string text) => text.Split(Blank, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static FrozenDictionary<string, (FrozenSet<string> Star, FrozenSet<string> All)> Read()
    {
        var modules = new Dictionary<string, (FrozenSet<string>, FrozenSet<string>)>(StringComparer.Ordinal);
        foreach (var paragraph in Members.ReplaceLineEndings("\n").Split("\n\n"))
        {
            var words = paragraph.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
            var bar = Array.IndexOf(words, "|");
            var all = words[1..].Where(w => w != "|").ToFrozenSet(StringComparer.Ordinal);
            modules.Add(words[0].TrimEnd(':'), (words[1..bar].ToFrozenSet(StringComparer.Ordinal), all));
        }

        return modules.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
