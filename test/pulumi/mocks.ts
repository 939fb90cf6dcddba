/** Pulumi's own mocks: what a program asks for, and a cluster that has a connection secret for each claim. */
import * as pulumi from "@pulumi/pulumi";

export type Asked = {
  readonly type: string;
  readonly name: string;
  /** Of a resource that is read and not made. */
  readonly id: string | undefined;
  readonly inputs: Fields;
};

const values = {
  uri: "postgresql://orders:secret@orders-rw.shop.svc:5432/orders",
  host: "orders-rw.shop.svc",
  port: "5432",
  username: "orders",
  password: "secret",
  database: "orders",
};

type Fields = Readonly<Record<string, unknown>>;

function connectionSecret(id: string): Fields {
  // What is not known yet cannot be read.
  if (id === pulumi.runtime.unknownValue) return {};
  const [namespace = "", name = ""] = id.split("/");
  const data = Object.entries(values).map(([key, value]) => [
    key,
    Buffer.from(value).toString("base64"),
  ]);
  return { metadata: { name, namespace }, data: Object.fromEntries(data) as object };
}

/** Has programs run against the mocks from now on; gives what they ask for. In a preview nothing is there yet. */
export async function mocked(isPreview = false): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, id, inputs }) => {
        asked.push({ type, name, id: id === "" ? undefined : id, inputs: inputs as Fields });
        return id === undefined || id === ""
          ? { id: isPreview ? undefined : `${name}-id`, state: inputs as Fields }
          : { id, state: connectionSecret(id) };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    isPreview,
  );
  return asked;
}

/** What an output comes to. */
export async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise(resolve => {
    output.apply(resolve);
  });
}

/** Those of a kind, once the program has come to rest. */
export async function askedOf(asked: readonly Asked[], type: string): Promise<readonly Asked[]> {
  await ended();
  return asked.filter(one => one.type === type);
}

/** Resources are registered some turns after they were made: another program may not begin before that. */
export async function ended(): Promise<void> {
  await pulumi.runtime.disconnect();
}
