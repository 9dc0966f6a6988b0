"""The store as its own client sees it: `store.py make`, `store.py get FOLDER DIR`, `store.py uploads`, `store.py count FOLDER`."""

import pathlib
import sys

import boto3

BUCKET = "bucket"
s3 = boto3.client("s3")


def objects(folder):
    return s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])


match sys.argv[1:]:
    case ["make"]:
        s3.create_bucket(Bucket=BUCKET)
    case ["get", folder, to]:
        pathlib.Path(to).mkdir()
        for one in objects(folder):
            s3.download_file(BUCKET, one["Key"], str(pathlib.Path(to) / one["Key"].removeprefix(folder)))
    case ["uploads"]:
        print(len(s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])))
    case ["count", folder]:
        print(len(objects(folder)))
