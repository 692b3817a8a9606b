"""What the names of pandas, numpy, scikit-learn and their like mean for the checks."""

from __future__ import annotations

import re

READERS = {"read_csv", "read_table", "read_parquet", "read_feather", "read_excel", "read_json", "read_pickle"}

CROSS_VALIDATIONS = {"cross_val_score", "cross_validate", "cross_val_predict", "learning_curve", "validation_curve"}

JOINING = {"concat", "vstack", "hstack", "concatenate", "append", "column_stack", "r_", "c_", "merge"}

# Functions whose result is as much of the target as what goes in.
PASSING = {
    *("DataFrame", "Series", "get_dummies", "to_numeric", "to_datetime", "cut", "qcut", "csr_matrix", "csc_matrix"),
    *("array", "asarray", "ascontiguousarray", "ravel", "squeeze", "reshape", "expand_dims", "nan_to_num", "tensor"),
    *("log", "log1p", "log2", "log10", "exp", "expm1", "sqrt", "square", "power", "abs", "absolute", "sign", "round"),
    *("clip", "where", "maximum", "minimum", "float32", "float64", "from_numpy", "FloatTensor", "deepcopy", "copy"),
}

# Methods of frames and columns that keep rows and columns.
KEEPING = {
    *("copy", "fillna", "astype", "reset_index", "set_index", "sort_values", "sort_index", "dropna", "replace"),
    *("query", "clip", "round", "interpolate", "ffill", "bfill", "rank", "abs", "pow", "add", "sub", "mul", "div"),
    *("to_numpy", "ravel", "reshape", "to_frame", "squeeze", "flatten", "toarray", "todense", "infer_objects"),
    *("convert_dtypes", "rename", "drop_duplicates", "apply", "map", "applymap", "where", "mask", "pipe", "tocsr"),
}

# Methods that give a mask of rows.
MASKING = {"isna", "isnull", "notna", "notnull", "isin", "between", "duplicated", "gt", "ge", "lt", "le", "eq", "ne"}

PARTS_OF_ROWS = {"head", "tail", "sample", "nlargest", "nsmallest", "truncate"}

FEATURE_HOLDERS = {"Dataset", "DMatrix", "QuantileDMatrix", "Pool", "TensorDataset"}

SEARCHES = {"GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "BayesSearchCV"}

WRAPPERS = {
    *("TransformedTargetRegressor", "CalibratedClassifierCV", "BaggingRegressor", "BaggingClassifier"),
    *("MultiOutputRegressor", "MultiOutputClassifier", "OneVsRestClassifier", "AdaBoostRegressor", "AdaBoostClassifier"),
}

# Their fit only numbers the values that there are, or nothing at all.
LEARNS_NOTHING = {
    *("LabelEncoder", "OrdinalEncoder", "OneHotEncoder", "LabelBinarizer", "MultiLabelBinarizer", "Normalizer"),
    *("Binarizer", "PolynomialFeatures", "FunctionTransformer", "HashingVectorizer", "FeatureHasher"),
    *("MissingIndicator", "HashingEncoder", "BinaryEncoder", "BaseNEncoder"),
}

_TRANSFORMER = re.compile(
    r"(Scaler|Imputer|Encoder|Binarizer|Vectorizer|Transformer|Discretizer|Selector|PCA|SVD|NMF|Hasher|Embedding)$"
)
_OTHER_TRANSFORMERS = {
    *("SelectKBest", "SelectPercentile", "SelectFromModel", "RFE", "RFECV", "VarianceThreshold", "FeatureUnion"),
    *("PolynomialFeatures", "MissingIndicator", "KMeans", "MiniBatchKMeans", "TSNE", "UMAP", "FastICA", "Normalizer"),
    *("FactorAnalysis", "LatentDirichletAllocation", "Nystroem", "RBFSampler", "Isomap", "SequentialFeatureSelector"),
}

_PREDICTOR_PACKAGES = ("sklearn.", "lightgbm.", "xgboost.", "catboost.")


def is_splitter(name: str) -> bool:
    return name != "train_test_split" and (name.endswith("Fold") or name.endswith("Split") or name.endswith("LeaveOneOut"))


def is_transformer(name: str) -> bool:
    return name in _OTHER_TRANSFORMERS or _TRANSFORMER.search(name) is not None


def is_predictor(full_name: str) -> bool:
    return full_name.startswith(_PREDICTOR_PACKAGES) and full_name.rsplit(".", 1)[-1][:1].isupper()
