"""The store as its own client sees it, S3's and Google's by boto3, Azure's by azure-storage-blob.

usage: store.py s3|gs|az PORT make | get FOLDER DIR | uploads | count FOLDER | parts OBJECT

`parts` says of how many parts an object was made, and `uploads` how many were begun and not completed.
"""

import os
import pathlib
import sys

BUCKET = "bucket"


class S3:
    def __init__(self, port):
        import boto3

        self.client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}")

    def make(self):
        self.client.create_bucket(Bucket=BUCKET)

    def names(self, folder):
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])]

    def get(self, name, path):
        self.client.download_file(BUCKET, name, str(path))

    def uploads(self):
        return len(self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))

    def parts(self, name):
        # As S3 makes it: of an object in parts, their number stands behind a hyphen.
        _, _, parts = self.client.head_object(Bucket=BUCKET, Key=name)["ETag"].strip('"').partition("-")
        return int(parts or 1)


class Azure:
    def __init__(self, port):
        from azure.storage.blob import ContainerClient

        account = os.environ["AZURE_STORAGE_ACCOUNT_NAME"]
        credential = {"account_name": account, "account_key": os.environ["AZURE_STORAGE_ACCOUNT_KEY"]}
        self.client = ContainerClient(f"http://127.0.0.1:{port}/{account}", BUCKET, credential=credential)

    def make(self):
        self.client.create_container()

    def names(self, folder):
        return [blob.name for blob in self.client.list_blobs(folder)]

    def get(self, name, path):
        with open(path, "wb") as file:
            self.client.download_blob(name).readinto(file)

    def uploads(self):
        return len(list(self.client.list_blobs(include=["uncommittedblobs"]))) - len(self.names(""))

    def parts(self, name):
        committed, _ = self.client.get_blob_client(name).get_block_list("all")
        return max(len(committed), 1)


scheme, port, *words = sys.argv[1:]
store = {"s3": S3, "gs": S3, "az": Azure}[scheme](port)
match words:
    case ["make"]:
        store.make()
    case ["get", folder, to]:
        pathlib.Path(to).mkdir()
        for name in store.names(folder):
            store.get(name, pathlib.Path(to) / name.removeprefix(folder))
    case ["uploads"]:
        print(store.uploads())
    case ["count", folder]:
        print(len(store.names(folder)))
    case ["parts", name]:
        print(store.parts(name))
