declare module "*.json?rest" {
  const rest: {
    readonly id: string;
    readonly fields: readonly unknown[];
    readonly include: readonly string[];
    readonly rights: object;
    readonly statuses?: readonly unknown[];
    readonly meaning?: unknown;
  };
  export default rest;
}
